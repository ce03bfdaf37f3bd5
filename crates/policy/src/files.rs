/// Where policy files are read: a folder on disk, or a commit. Who implements it knows which.
pub trait Files: Send + Sync {
    /// The content of the file at `path`, from the root, with `/` between names; `None` if there is none.
    ///
    /// # Errors
    /// A sentence, if it is there and cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String>;

    /// Whether something is at `path`.
    fn has(&self, path: &str) -> bool {
        !matches!(self.read(path), Ok(None))
    }

    /// The paths of all files, from the root; none where nobody can list them.
    fn paths(&self) -> Vec<String> {
        Vec::new()
    }

    /// The file's name as the user knows it.
    fn name(&self, path: &str) -> String;

    /// A file that lies outside of the root: an absolute path, or one that begins with `..`, from the root.
    ///
    /// # Errors
    /// A sentence, if it cannot be read.
    fn read_outside(&self, path: &str) -> Result<Vec<u8>, String>;

    /// The content of `path` at `reference` of another repository, a folder or a URL. Opens no connection.
    ///
    /// # Errors
    /// A sentence with the way out, if it is not at hand.
    fn read_shared(&self, repository: &str, reference: &str, path: &str) -> Result<Vec<u8>, String>;
}
