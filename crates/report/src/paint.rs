use anstyle::{AnsiColor, Style};
use model::Severity;

/// Puts colour on text, or leaves it alone. Uses the 16 colours that every terminal theme sets to be readable.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    colour: bool,
}

impl Paint {
    pub(crate) fn new(colour: bool) -> Paint {
        Paint { colour }
    }

    /// Whether marks can be told by colour.
    pub(crate) fn is_on(self) -> bool {
        self.colour
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    /// For what is looked at only when it is looked for.
    pub(crate) fn faint(self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    pub(crate) fn severity(self, severity: Severity, text: &str) -> String {
        self.styled(severity_style(severity), text)
    }

    /// The credential in its line.
    pub(crate) fn mark(self, severity: Severity, text: &str) -> String {
        self.styled(severity_style(severity).bold().underline(), text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.styled(AnsiColor::Green.on_default().bold(), text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.styled(AnsiColor::Red.on_default().bold(), text)
    }

    fn styled(self, style: Style, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
    }
}
