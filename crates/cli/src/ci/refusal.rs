use super::system::System;

/// Why no plan was made. No value is repeated: variables can hold anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A variable or a field of the event payload is there, but not in the form its platform documents.
    #[error("{name} is not {wanted}; correct it or unset it")]
    Malformed {
        /// The variable, or the payload and the field.
        name: String,
        /// What was expected.
        wanted: &'static str,
    },
    /// The platform's event payload is needed and not there.
    #[error(
        "{system} says '{event}', but GITHUB_EVENT_PATH names no readable JSON object, so what was there before is not \
         known; pass the variable and the file into the container, or set DEADKEY_BASE to the commit before"
    )]
    NoEvent {
        /// The platform.
        system: System,
        /// The event's name.
        event: &'static str,
    },
    /// The event payload lacks the field that names the base.
    #[error(
        "the event payload of this {event} has no {field}; set DEADKEY_BASE to the commit before or the target branch"
    )]
    NoBase {
        /// The event's name.
        event: &'static str,
        /// The field.
        field: &'static str,
    },
    /// The event payload lacks the field that names what is to be scanned.
    #[error(
        "the event payload of this {event} has no {field}, so the commit to scan is not known; pass the variable \
         GITHUB_EVENT_PATH and the file that it names into the container"
    )]
    NoHead {
        /// The event's name.
        event: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A variable that decides is not there.
    #[error("{system} runs this for {situation}, but {name} is not set; pass it into the container")]
    NoVariable {
        /// The platform.
        system: System,
        /// What else says so.
        situation: &'static str,
        /// The variable.
        name: &'static str,
    },
}
