macro_rules! features {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Something that happens in a generated history.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Feature {
            $($(#[$doc])* $name,)*
        }

        impl Feature {
            /// Every one.
            pub const ALL: &[Feature] = &[$(Feature::$name,)*];
        }
    };
}

features! {
    /// Lines without credentials changed.
    LinearEdit,
    /// Several credentials in one file.
    SeveralInFile,
    /// Several credentials on one line.
    SeveralOnLine,
    /// One credential twice in one file.
    TwiceInFile,
    /// Characters of several UTF-16 units before a credential on its line.
    WideColumn,
    /// A file with CR LF.
    CrLf,
    /// The line of a credential moved within its file.
    LineMove,
    /// A credential taken out of a file that stays.
    Redaction,
    /// A credential moved from one file to another in one commit.
    PathMove,
    /// A file renamed, sometimes changed too.
    Rename,
    /// All files of a folder renamed.
    FolderRename,
    /// A file copied, sometimes changed too.
    Copy,
    /// A file deleted.
    Deletion,
    /// A deleted file added again.
    Readdition,
    /// The tree of an older commit restored.
    Revert,
    /// A commit without change.
    EmptyCommit,
    /// A merge in which no file was changed on both sides.
    CleanMerge,
    /// A merge in which some file was.
    ConflictMerge,
    /// A merge with content that no parent has: a credential is born in it.
    EvilMerge,
    /// A merge that brings back a credential which none of its parents has any more.
    RevivingMerge,
    /// A merge that drops a credential which only one parent has and which was never removed before.
    DroppingMerge,
    /// A merge that takes over the removal which one side made.
    RemovalMerged,
    /// A merge of three and more parents.
    Octopus,
    /// Two branches merged into each other from the same two commits.
    CrissCross,
    /// A commit without parents beside the first one.
    Orphan,
    /// A merge of histories without a common ancestor.
    UnrelatedMerge,
    /// An annotated tag.
    AnnotatedTag,
    /// A lightweight tag.
    LightweightTag,
    /// A tag of a tag.
    NestedTag,
    /// A tag of a blob that is in no tree, and that holds a credential.
    BlobTag,
    /// A commit that only a tag leads to.
    TagOffBranch,
    /// A credential that is only on a branch which is never merged.
    SideOnly,
    /// A branch of a remote repository; some lead to commits that nothing else leads to.
    RemoteBranch,
    /// One credential at several paths.
    SeveralPaths,
    /// One blob at two paths.
    SameBlob,
    /// A commit with an older date than a parent of it.
    OlderThanParent,
    /// A file more than twenty folders deep.
    DeepFolder,
    /// A file's mode changed.
    ModeChange,
    /// A symbolic link.
    Symlink,
    /// A symbolic link whose target holds a credential.
    SymlinkTarget,
    /// A submodule; its commit does not exist.
    Submodule,
    /// A credential in the address of a submodule.
    SubmoduleAddress,
    /// A file replaced by a folder of its name.
    FolderForFile,
    /// A small change to a file of some hundred kB.
    LargeFileEdit,
    /// Eighty similar files in one commit, credentials in some of them: a chain of deltas as long as git may make it.
    Series,
    /// A file of no bytes.
    EmptyFile,
    /// A binary file.
    BinaryFile,
    /// A binary file that holds a credential.
    BinaryCredential,
    /// A path that is not UTF-8, or that has quotes, line ends or spaces.
    OddName,
    /// A credential in a file's name.
    FileName,
    /// A credential in a commit's message.
    CommitMessage,
    /// A credential in a tag's message.
    TagMessage,
    /// A credential in a note.
    Note,
    /// A stash, with a credential in a tracked and one in an untracked file.
    Stash,
    /// A stash that only the stash's reflog leads to.
    OlderStash,
    /// Commits that only a reflog leads to.
    ReflogOnly,
    /// Commits that nothing leads to.
    Unreachable,
    /// A commit that `refs/replace/` replaces with one that holds other credentials.
    ReplacedCommit,
    /// A blob that `refs/replace/` replaces.
    ReplacedBlob,
}
