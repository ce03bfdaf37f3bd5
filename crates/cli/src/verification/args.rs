use clap::Args;
use std::path::PathBuf;
use validate::{Account, Certificates, Endpoint, Issuer};

/// Whether providers are asked, and how.
#[derive(Clone, Debug, Default, Args)]
pub struct VerifyArgs {
    /// Ask the providers of what is found whether it works: read-only requests, to the rules' hosts alone.
    #[arg(long, help_heading = "Verification")]
    pub verify: bool,
    /// How they are asked.
    #[command(flatten)]
    pub settings: VerifySettings,
}

/// How providers are asked.
#[derive(Clone, Debug, Args)]
pub struct VerifySettings {
    /// Ask nobody; say what would be sent where, without secrets.
    #[arg(long, help_heading = "Verification", conflicts_with = "verify_cache")]
    pub verify_dry_run: bool,
    /// Ask this address for a provider's credentials, or a rule's, instead of the rule's: your own instance of GitLab, a
    /// registry; may be given several times.
    #[arg(long, value_name = "PROVIDER=URL", value_parser = Endpoint::parse, help_heading = "Verification")]
    pub verify_endpoint: Vec<Endpoint>,
    /// Check JSON Web Tokens that this issuer signed by the keys that it publishes; the token is sent to nobody. May be
    /// given several times.
    #[arg(long, value_name = "URL", value_parser = Issuer::parse, help_heading = "Verification")]
    pub verify_issuer: Vec<Issuer>,
    /// Ask this account's host whether it takes the private keys that are found; nothing is signed, nobody logged in. May
    /// be given several times.
    #[arg(long, value_name = "USER@HOST[:PORT]", value_parser = Account::parse, help_heading = "Verification")]
    pub verify_ssh: Vec<Account>,
    /// Look whether the certificate that this host shows is of a private key that is found. May be given several times.
    #[arg(long, value_name = "HOST[:PORT]", value_parser = Certificates::at_host, help_heading = "Verification")]
    pub verify_tls: Vec<Certificates>,
    /// Look whether a certificate in this file (PEM) is of a private key that is found. May be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Verification")]
    pub verify_certificate: Vec<PathBuf>,
    /// Contact private addresses also where the host's name is not one that --verify-endpoint gives.
    #[arg(long, help_heading = "Verification")]
    pub allow_private: bool,
    /// Ask also what live credentials can reach, as far as read-only requests tell.
    #[arg(long, help_heading = "Verification")]
    pub blast_radius: bool,
    /// Send so many requests a second to one provider, at most.
    #[arg(long, value_name = "N", default_value_t = 10.0, value_parser = rate, help_heading = "Verification")]
    pub verify_rate: f64,
    /// Remember verdicts in this file, by fingerprint; it holds no secret.
    #[arg(long, value_name = "FILE", help_heading = "Verification")]
    pub verify_cache: Option<PathBuf>,
    /// How long a remembered verdict counts.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, help_heading = "Verification")]
    pub verify_ttl: u64,
    /// Trust the certificate authorities in this file (PEM), too.
    #[arg(long, value_name = "FILE", help_heading = "Verification")]
    pub verify_ca: Option<PathBuf>,
}

impl Default for VerifySettings {
    fn default() -> VerifySettings {
        VerifySettings {
            verify_dry_run: false,
            verify_endpoint: Vec::new(),
            verify_issuer: Vec::new(),
            verify_ssh: Vec::new(),
            verify_tls: Vec::new(),
            verify_certificate: Vec::new(),
            allow_private: false,
            blast_radius: false,
            verify_rate: 10.0,
            verify_cache: None,
            verify_ttl: 3600,
            verify_ca: None,
        }
    }
}

impl VerifySettings {
    /// The first option given that says something only where somebody is asked.
    pub fn first_given(&self) -> Option<&'static str> {
        let given = [
            (!self.verify_endpoint.is_empty(), "--verify-endpoint"),
            (!self.verify_issuer.is_empty(), "--verify-issuer"),
            (!self.verify_ssh.is_empty(), "--verify-ssh"),
            (!self.verify_tls.is_empty(), "--verify-tls"),
            (!self.verify_certificate.is_empty(), "--verify-certificate"),
            (self.allow_private, "--allow-private"),
            (self.blast_radius, "--blast-radius"),
            (self.verify_cache.is_some(), "--verify-cache"),
            (self.verify_ca.is_some(), "--verify-ca"),
        ];
        given.into_iter().find(|(given, _)| *given).map(|(_, option)| option)
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.01..=1000.0).contains(&rate) => Ok(rate),
        _ => Err("it is a number of requests a second, from 0.01 to 1000".to_owned()),
    }
}
