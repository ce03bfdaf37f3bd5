//! Built without the feature `verify`: nobody is asked.

use crate::args::CommonArgs;
use anyhow::Result;
use clap::Args;
use model::Report;
use rules::Ruleset;
use std::sync::Arc;

/// No options.
#[derive(Clone, Debug, Default, Args)]
pub struct VerifyArgs {}

/// Nothing to ask.
pub struct Verification {}

impl Verification {
    /// Nobody is to be asked.
    pub fn open(_: &VerifyArgs, _: &CommonArgs) -> Result<Option<Verification>> {
        Ok(None)
    }

    /// Nobody is asked.
    pub fn check(self, _: &Arc<Ruleset>, _: &mut Report) -> Result<()> {
        Ok(())
    }
}
