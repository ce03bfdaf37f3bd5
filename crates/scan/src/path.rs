//! What a path says about a hit in it: applied after detection, never before.

/// Words in the names of folders whose contents are tests, samples or documentation: `smoke-test`, `dockerTest`,
/// `test_data`, `__mocks__`.
const SAMPLE_WORDS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "testdata",
    "testutil",
    "testutils",
    "testsuite",
    "spec",
    "specs",
    "e2e",
    "fixture",
    "fixtures",
    "mock",
    "mocks",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "doc",
    "docs",
    "documentation",
    "javadoc",
    "cassettes",
    // Translations: what words of all languages mean, beside names such as `password`.
    "translation",
    "translations",
    "locale",
    "locales",
    "localization",
    "i18n",
    "l10n",
];
/// Endings of documentation.
const DOCUMENTATION: &[&str] = &["md", "mdx", "markdown", "rst", "adoc", "asciidoc", "pod", "texi"];
/// Endings of declarations without code: what looks like a value in one stands in a comment, as an example.
const DECLARATIONS: &[&str] = &["rbi", "pyi", "d.ts", "d.mts", "d.cts"];
/// Endings of files in which values stand without quotes.
const CONFIGURATION: &[&str] = &[
    "env",
    "ini",
    "cfg",
    "cnf",
    "conf",
    "config",
    "properties",
    "props",
    "toml",
    "yaml",
    "yml",
    "tfvars",
    "envrc",
    "sh",
    "bash",
    "zsh",
    "ksh",
    "fish",
    "ps1",
    "psm1",
    "bat",
    "cmd",
    "netrc",
    "npmrc",
    "pypirc",
    "pgpass",
    "dockerfile",
    "service",
    "desktop",
    "reg",
    "inf",
    "rdp",
    "rsp",
    "cf",
    "bats",
    "history",
    "bash_history",
    "zsh_history",
    "sh_history",
    "profile",
    "bash_profile",
    "bashrc",
    "zshrc",
    "ovpn",
    "plist",
    "log",
    "secret",
    "secrets",
    "credentials",
    "yarnrc",
    "my.cnf",
    "s3cfg",
    "boto",
    "muttrc",
    "msmtprc",
    "nmconnection",
    "vnc",
    "htpasswd",
    "tmpl",
    "j2",
    "erb",
    "tpl",
];
/// Endings of source text, in which what stands without quotes is a name of something.
const SOURCE: &[&str] = &[
    "as", "asm", "astro", "c", "cc", "cjs", "clj", "cljs", "coffee", "cpp", "cr", "cs", "css", "cu", "cxx", "d",
    "dart", "elm", "erl", "ex", "exs", "f90", "fs", "go", "gradle", "groovy", "h", "hpp", "hrl", "hs", "htm", "html",
    "hx", "ipynb", "java", "jl", "js", "jsp", "jsx", "kt", "kts", "less", "lua", "m", "mjs", "ml", "mli", "mm", "mts",
    "nim", "pas", "php", "pl", "pm", "proto", "py", "pyi", "pyx", "r", "rb", "rkt", "rs", "s", "sass", "scala", "scss",
    "sol", "svelte", "svg", "swift", "ts", "tsx", "v", "vala", "vb", "vue", "xhtml", "zig",
];
/// Names of such files.
const CONFIGURATION_NAMES: &[&str] =
    &["credentials", "config", "dockerfile", "containerfile", "makefile", "secrets", "htpasswd"];

/// What separates the parts of a path.
const SEPARATORS: [char; 3] = ['/', '\\', '!'];

fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split(SEPARATORS)
}

/// The words of a name, which `-`, `_`, `.` and capitals behind small letters separate.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '_', '.']).flat_map(|part| {
        let humps = part.as_bytes().windows(2).enumerate();
        let starts = humps.filter(|(_, w)| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()).map(|(i, _)| i + 1);
        let ends = starts.clone().chain(std::iter::once(part.len())).collect::<Vec<_>>();
        std::iter::once(0).chain(starts.collect::<Vec<_>>()).zip(ends).map(move |(start, end)| &part[start..end])
    })
}

fn file_name(path: &str) -> String {
    parts(path).next_back().unwrap_or("").to_ascii_lowercase()
}

/// Whether the path is that of a test, a sample or documentation.
pub(crate) fn is_sample(path: &str) -> bool {
    let name = file_name(path);
    let folders = path.rsplit_once(SEPARATORS).map_or("", |(folders, _)| folders);
    if parts(folders).flat_map(words).any(|word| SAMPLE_WORDS.contains(&word.to_ascii_lowercase().as_str())) {
        return true;
    }
    if is_translation(folders, &name) {
        return true;
    }
    let (stem, ending) = name.split_once('.').unwrap_or((&name, ""));
    let words = || stem.split(['-', '_']);
    DOCUMENTATION.iter().chain(DECLARATIONS).any(|e| ending == *e || ending.ends_with(&format!(".{e}")))
        || words()
            .any(|w| matches!(w, "test" | "tests" | "spec" | "mock" | "example" | "sample" | "readme" | "fixture"))
        || ending.split('.').any(|w| matches!(w, "test" | "spec" | "example" | "sample" | "template" | "dist" | "mock"))
        || is_camel_test(path)
}

/// Whether a file holds what words mean in one language: `lang/eu.json`, `languages/pt-BR/app.php`, `values-br/strings.xml` of Android,
/// `de.lproj/Main.strings` of macOS, `messages.po`.
fn is_translation(folders: &str, name: &str) -> bool {
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let folder = |nth: usize| parts(folders).rev().nth(nth).unwrap_or("").to_ascii_lowercase();
    let of_languages = |name: String| matches!(name.as_str(), "lang" | "langs" | "language" | "languages");
    let values = || folder(0).strip_prefix("values-").is_some_and(is_language);
    matches!(ending, "po" | "pot" | "xlf" | "xliff" | "arb")
        || is_language(stem) && of_languages(folder(0))
        || (0..parts(folders).count()).any(|nth| is_language(&folder(nth)) && of_languages(folder(nth + 1)))
        || folder(0).ends_with(".lproj")
        || stem == "strings" && values()
}

/// `eu`, `pt-br`, `zh_hant`, `zh-rtw`; in small letters.
fn is_language(code: &str) -> bool {
    let (language, region) = code.split_once(['-', '_']).unwrap_or((code, "xx"));
    let letters =
        |text: &str, most: usize| (2..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    letters(language, 3) && letters(region, 4)
}

/// `FooTest.java`, `FooTests.cs`, `TestFoo.java`, `FooSpec.scala`
fn is_camel_test(path: &str) -> bool {
    let name = parts(path).next_back().unwrap_or("");
    let stem = name.split('.').next().unwrap_or("");
    let tail = |word: &str| {
        stem.strip_suffix(word).is_some_and(|s| s.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()))
    };
    let head = |word: &str| stem.strip_prefix(word).is_some_and(|s| s.starts_with(|c: char| c.is_ascii_uppercase()));
    tail("Test") || tail("Tests") || tail("Spec") || tail("IT") || tail("TestCase") || head("Test") || head("Mock")
}

/// Whether values in the file usually stand without quotes.
pub(crate) fn is_configuration(path: &str) -> bool {
    let name = file_name(path);
    let name = name.trim_start_matches('.');
    let ending = name.rsplit_once('.').map_or(name, |(_, ending)| ending);
    CONFIGURATION.contains(&ending) || CONFIGURATION_NAMES.contains(&name) || name.starts_with("env.") || path == "-"
}

/// Whether what stands in the file without quotes may be a value at all, in a file that is no configuration: in
/// documentation, scripts' answers, tables, files of no known kind.
pub(crate) fn may_hold_values(path: &str) -> bool {
    let name = file_name(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    !SOURCE.contains(&ending)
}

/// Whether a value without quotes counts in the file: the name of the file alone decides, of a member of an archive the
/// member's.
pub(crate) fn has_bare_values(path: &str) -> bool {
    is_configuration(path) || may_hold_values(path)
}

/// Whether the name is one below something else, so that what is before it does not change what its file is called.
pub(crate) fn is_below(member: &str) -> bool {
    member.starts_with(SEPARATORS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_samples_and_documentation_are_told_apart() {
        for path in [
            "a/tests/x.py",
            "docs/setup.html",
            "README.md",
            "src/foo_test.go",
            "FooTest.java",
            ".env.example",
            "a.spec.ts",
            "sorbet/rbi/gems/uri@0.13.1.rbi",
            "types/index.d.ts",
            "z.zip!test/x",
            "a/smoke-test-app/x.java",
            "src/dockerTest/resources/a.yaml",
            "__tests__/a.js",
            "a/test_data/b",
            "src/translations/af.json",
            "Server/Localization/cs.json",
            "plugins/Login/lang/pt-br.json",
            "app/languages/eu/app.php",
            "resources/lang/nb-no/admin/settings/general.php",
            "app/src/main/res/values-br/strings.xml",
            "App/de.lproj/Main.strings",
            "po/eu.po",
        ] {
            assert!(is_sample(path), "{path}");
        }
        for path in [
            "res/values/strings.xml",
            "lang/server.json",
            "java/lang/a.java",
            "src/latest.py",
            "contest/a.go",
            "src/main.rs",
            ".env",
            "attestation.go",
            "src/protest.js",
            "src/d.tsx",
        ] {
            assert!(!is_sample(path), "{path}");
        }
    }

    #[test]
    fn configuration_is_known_by_its_name() {
        for path in [
            ".env",
            "deploy/.env.production",
            "Dockerfile",
            "a/application.yml",
            ".npmrc",
            ".aws/credentials",
            "run.sh",
        ] {
            assert!(is_configuration(path), "{path}");
        }
        for path in ["src/main.rs", "index.js", "a.html"] {
            assert!(!is_configuration(path), "{path}");
        }
    }
}
