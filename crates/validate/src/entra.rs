//! Microsoft Entra ID: whether an application's secret is taken (client credentials), and which roles its token has.

use crate::check::{Asked, Check, Future, Place, Ruling, Sent};
use crate::destination::Destination;
use crate::http_answer::Answer;
use crate::net::Net;
use crate::token::Token;
use crate::values::{Values, percent_encoded};
use model::{Live, Reachable};
use serde_json::Value;

const HOST: &str = "login.microsoftonline.com";
const SCOPE: &str = "https://graph.microsoft.com/.default";
const GRAPH_HOST: &str = "graph.microsoft.com";
const ORGANISATION: &str = "/v1.0/organization?$select=displayName";

pub(crate) struct ClientSecret;

struct Application {
    tenant: String,
    client: String,
}

impl Application {
    fn of(asked: &Asked) -> Result<Application, String> {
        let part = |name: &str, what: &str| {
            let value = asked.values.get(name).ok_or(format!("its {what} was not found beside it"))?;
            Ok::<_, String>(value.expose_text())
        };
        let tenant = part("tenant_id", "tenant id")?;
        Ok(Application { tenant, client: part("client_id", "client id")? })
    }

    fn path(&self) -> String {
        format!("/{}/oauth2/v2.0/token", percent_encoded(self.tenant.as_bytes(), ""))
    }
}

async fn ask(asked: &Asked, net: &Net) -> Result<Ruling, Ruling> {
    let application = Application::of(asked).map_err(Ruling::unknown)?;
    let secret = asked.values.get("secret").ok_or_else(|| Ruling::unknown("no secret"))?;
    let form = [
        ("client_id", application.client.as_bytes()),
        ("client_secret", secret.expose()),
        ("scope", SCOPE.as_bytes()),
        ("grant_type", b"client_credentials"),
    ];
    let call = Destination::of(asked, HOST).post(asked, &application.path(), &form);
    let answer = net.send(&call).await?;
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(token) = said["access_token"].as_str().filter(|_| answer.status == 200) else {
        return Ok(refusal(&answer, &said));
    };
    let mut live = Live { evidence: format!("an access token from {}", answer.host), ..Live::default() };
    tell(&mut live, &application, token);
    if net.options().blast_radius {
        live.reach = organisation(asked, token, net).await;
    }
    Ok(Ruling::Live { live, by_itself: false })
}

/// What the token says of its application; it is Microsoft's to read, so what is not there is no fault.
fn tell(live: &mut Live, application: &Application, token: &str) {
    let token = Token::read(token);
    let name = token.as_ref().and_then(|token| token.claim("app_displayname")).map(|name| format!("{name}, "));
    live.identity = Some(format!(
        "{}application {} of tenant {}",
        name.unwrap_or_default(),
        application.client,
        application.tenant
    ));
    let roles = token.as_ref().and_then(|token| token.claims["roles"].as_array());
    live.scopes = roles.into_iter().flatten().filter_map(|role| role.as_str().map(str::to_owned)).collect();
    live.scopes.sort();
}

fn refusal(answer: &Answer, said: &Value) -> Ruling {
    let from = format!("from {}", answer.host);
    let Some(code) = said["error_codes"][0].as_u64() else {
        return Ruling::unknown(format!("{} {from} that is none of its token endpoint", answer.status));
    };
    let refused = |why: &str| Ruling::Refused { why: format!("AADSTS{code}: {why}, {from}"), by_itself: true };
    match code {
        7_000_215 => refused("not the secret of this application"),
        7_000_222 => refused("the secret has expired"),
        7_000_112 => refused("the application is disabled"),
        // The ids beside the secret may be another application's, and a tenant of another cloud is none here.
        700_016 => Ruling::unknown(format!("AADSTS700016: no such application in this tenant, {from}")),
        90_002 => Ruling::unknown(format!("AADSTS90002: no such tenant in this cloud, {from}")),
        // Said behind the secret: it was right, and a policy blocks where it came from.
        53_003 => {
            let evidence = format!("AADSTS53003 {from}: taken, and blocked by conditional access");
            Ruling::Live { live: Live { evidence, ..Live::default() }, by_itself: false }
        }
        other => Ruling::unknown(format!("AADSTS{other} {from}")),
    }
}

async fn organisation(asked: &Asked, token: &str, net: &Net) -> Vec<Reachable> {
    let mut call = Destination::of(asked, GRAPH_HOST).get(asked, ORGANISATION);
    call.headers.push(("authorization".to_owned(), format!("Bearer {token}").into_bytes()));
    let Ok(answer) = net.send(&call).await else { return Vec::new() };
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(found) = said["value"].as_array().filter(|_| answer.status == 200) else { return Vec::new() };
    let names = found.iter().filter_map(|one| one["displayName"].as_str().map(str::to_owned)).take(5).collect();
    vec![Reachable { kind: "organisations".to_owned(), count: found.len() as u64, names }]
}

impl Check for ClientSecret {
    fn rules(&self) -> Vec<String> {
        vec!["azure-entra-client-secret".to_owned()]
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        let application = Application::of(asked)?;
        let at = Destination::of(asked, HOST).place();
        // A tenant that is none refuses everybody.
        Ok(Place { key: format!("{}/{}", at.key, application.tenant), ..at })
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        Application::of(asked)?;
        Ok(vec![Sent {
            method: "POST".to_owned(),
            url: Destination::of(asked, HOST).url("/<tenant_id>/oauth2/v2.0/token"),
            headers: Vec::new(),
            body: format!("grant_type=client_credentials&scope={SCOPE}&client_id=<client_id>&client_secret=<secret>"),
        }])
    }

    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Ruling> {
        Box::pin(async move { ask(asked, net).await.unwrap_or_else(|ruling| ruling) })
    }

    fn control(&self, asked: &Asked, mut made_up: Values) -> Option<Values> {
        for name in ["tenant_id", "client_id"] {
            made_up.set(name, asked.values.get(name)?.expose().to_vec());
        }
        Some(made_up)
    }

    fn open_parts(&self) -> &[&str] {
        &["tenant_id", "client_id"]
    }
}
