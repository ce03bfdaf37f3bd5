/// Why nobody can be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An endpoint, proxy or certificate that was given is none.
    #[error("{0}")]
    Setting(String),
    /// The cache could not be read or written.
    #[error("the cache of verdicts {path}: {source}")]
    Cache {
        /// Its path.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The system gives no runtime.
    #[error("no runtime for connections: {0}")]
    Runtime(std::io::Error),
}
