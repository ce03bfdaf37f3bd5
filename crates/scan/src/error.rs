/// Why a scan did not begin.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] walk::Error);
