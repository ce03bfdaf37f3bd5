//! Signatures that rule files declare are those that the providers' own libraries make for the same request: botocore,
//! alibabacloud-openapi-util, azure-cosmos, azure-batch and requests-exoscale-auth, each asked once at this moment with this id and this secret.

use rules::Ruleset;
use rules::template::Template;
use std::time::Duration;
use validate::{Context, Values, base64};

/// 30 August 2015, 12:36:00 UTC.
const MOMENT: Duration = Duration::from_secs(1_440_938_160);
const SECRET: &str = "example-secret";

/// The `Authorization` header that a rule declares.
fn authorization(rule: &str, values: &[(&str, &str)]) -> String {
    authorization_at(MOMENT, rule, values)
}

fn authorization_at(moment: Duration, rule: &str, values: &[(&str, &str)]) -> String {
    let ruleset = Ruleset::builtin();
    let (at, _) = ruleset.get(rule).expect("a rule");
    let verify = ruleset.details(at).verify.expect("a check");
    let line =
        verify.request.headers.iter().find_map(|line| line.strip_prefix("Authorization: ")).expect("a signature");
    let mut known = Values::new();
    values.iter().for_each(|(name, value)| known.set(name, *value));
    let text = known.at(moment).fill(&Template::parse(line).expect("parsed"), Context::Plain).expect("all parts");
    String::from_utf8(text).expect("text")
}

#[test]
fn stores_that_speak_s3() {
    let of = |id: &'static str, secret: &'static str, region| [(id, "EXAMPLEID"), (secret, SECRET), ("region", region)];
    let cases = [
        (
            "wasabi-access-key",
            of("secret", "secret_access_key", ""),
            "us-east-1",
            "eff06781a11538d040e70c69e645f75e8a06e18e84a118030bb25e1e71ab9c9d",
        ),
        (
            "digitalocean-spaces-key",
            of("identity", "secret_key", "nyc3"),
            "nyc3",
            "e1c0a2e7553e003152b027b09dbe760cd0031d1b507d87a0602cc0fe43d8884c",
        ),
        (
            "ibm-cos-hmac",
            of("access_key_id", "secret", ""),
            "us-standard",
            "ff923e07b2ca8ad6af4ebddef85ae3e7ab14cca2717cc3c161fc700f662fdce6",
        ),
    ];
    for (rule, values, region, signature) in cases {
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=EXAMPLEID/20150830/{region}/s3/aws4_request, \
             SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"
        );
        assert_eq!(authorization(rule, &values), expected, "{rule}");
    }
}

#[test]
fn alibaba_cloud() {
    let header = authorization("alibaba-access-key", &[("identity", "EXAMPLEID"), ("access_key_secret", SECRET)]);
    let signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
    let signature = "c07c7646828efd3b8bf03b3c063311e48b8a9b8e3cf28a5502858e2f16da4ab7";
    let expected = format!("ACS3-HMAC-SHA256 Credential=EXAMPLEID,SignedHeaders={signed},Signature={signature}");
    assert_eq!(header, expected);
}

#[test]
fn azure_keys() {
    let key = base64(SECRET.as_bytes(), false);
    let cosmos = authorization("azure-cosmosdb-key", &[("secret", &key)]);
    let signature = "bk3FmUuCIy75ERS1mRyrmb%2F1OBeWYdbLe6eLCIqJB8M%3D";
    assert_eq!(cosmos, format!("type%3Dmaster%26ver%3D1.0%26sig%3D{signature}"));
    let batch = authorization("azure-batch-key", &[("secret", &key), ("account", "acme")]);
    assert_eq!(batch, "SharedKey acme:jgaIAcyH4kpSvDDOfqKdwii+tgPAsbiRRmZe3N/VrkI=");
}

#[test]
fn exoscale() {
    // Its library signs for ten minutes, the rule for one.
    let moment = MOMENT + Duration::from_secs(9 * 60);
    let header =
        authorization_at(moment, "exoscale-api-credentials", &[("secret", "EXOexample"), ("api_secret", SECRET)]);
    let signature = "aw2DC4SORHQPi34FIzDkavYTp6UYRvggdinwCbFEY40=";
    assert_eq!(header, format!("EXO2-HMAC-SHA256 credential=EXOexample,expires=1440938760,signature={signature}"));
}
