//! What lines say about the run: steps, groups, blocks, commands. It looks at clean lines, one after the other.

use crate::limits::Limits;
use crate::mark::{Block, Mark, MarkKind};
use crate::scene::{Scene, Step};
use crate::table::Table;
use std::ops::Range;
use std::sync::Arc;

/// Which dialects a log speaks, besides those that cannot be mistaken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dialects {
    /// `env:` blocks and step heads of GitHub Actions.
    pub github: bool,
    /// `--- `, `+++ `, `~~~ ` of Buildkite.
    pub buildkite: bool,
}

/// The state of the run.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub dialects: Dialects,
    scene: Arc<Scene>,
    /// The scene that was the same but for its group, if nothing else has changed since.
    other: Option<Arc<Scene>>,
    /// Steps seen.
    steps: u32,
    /// Whether the step was told from outside, so that the text does not change it.
    is_step_fixed: bool,
    block: Option<Block>,
    table: Table,
    /// Names of open groups.
    groups: Vec<Arc<str>>,
    /// Open groups beyond those.
    deeper: u32,
    /// Names of open stages of a pipeline; empty for nameless blocks.
    stages: Vec<Arc<str>>,
    /// The longest name.
    name: usize,
    /// The most marks kept.
    most: usize,
    pub marks: Vec<Mark>,
    /// Whether only marks of values are kept.
    pub only_values: bool,
    /// Whether there were more.
    pub has_dropped: bool,
}

/// Groups within groups that are remembered.
const DEPTH: usize = 32;

/// What sentences of GitHub's runner begin with that say something.
const SENTENCES: [&[u8]; 3] = [b"Complete job name: ", b"Post job cleanup.", b"Cleaning up orphan processes"];

/// What lines begin with that may say something.
static IS_SIGN: [bool; 256] = {
    let signs = b"#: [+-~$ewCPKNknVS";
    let mut is_sign = [false; 256];
    let mut at = 0;
    while at < signs.len() {
        is_sign[signs[at] as usize] = true;
        at += 1;
    }
    is_sign
};

/// A clean line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CleanLine<'a> {
    pub text: &'a [u8],
    /// Its offset in the clean text.
    pub at: u64,
    /// Its line in the input.
    pub number: u64,
    /// Whether it belongs to the record before it.
    pub is_tail: bool,
}

impl CleanLine<'_> {
    fn span(&self, range: Range<usize>) -> Range<u64> {
        self.at + range.start as u64..self.at + range.end as u64
    }
}

impl Story {
    pub(crate) fn new(limits: &Limits) -> Story {
        Story {
            dialects: Dialects::default(),
            scene: Arc::default(),
            other: None,
            steps: 0,
            is_step_fixed: false,
            block: None,
            table: Table::default(),
            groups: Vec::new(),
            deeper: 0,
            stages: Vec::new(),
            name: limits.name,
            most: limits.notes,
            marks: Vec::new(),
            only_values: false,
            has_dropped: false,
        }
    }

    /// The scene as it stands.
    pub(crate) fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    /// Text of the log as a name.
    pub(crate) fn name(&self, text: &[u8]) -> Arc<str> {
        let text = text.trim_ascii();
        let cut = &text[..text.len().min(self.name)];
        std::str::from_utf8(cut).map_or_else(|_| Arc::from(String::from_utf8_lossy(cut)), Arc::from)
    }

    /// Sets the job, if it is another one.
    pub(crate) fn set_job(&mut self, name: &[u8]) {
        if self.scene.job.as_deref().map(str::as_bytes) != Some(name.trim_ascii()) {
            let job = Some(self.name(name));
            self.set_scene(Scene { job, ..Scene::clone(&self.scene) });
        }
    }

    /// Sets the job that the framing names, if it is another one; its steps begin anew.
    pub(crate) fn set_named_job(&mut self, name: &[u8]) {
        if self.scene.job.as_deref().map(str::as_bytes) != Some(name.trim_ascii()) {
            let job = self.name(name);
            self.set_scene(Scene { job: Some(job), ..Scene::default() });
            self.steps = 0;
            self.groups.clear();
            self.deeper = 0;
            self.is_step_fixed = false;
        }
    }

    /// Sets what a path tells; steps are not looked for in the text any more if it names one.
    pub(crate) fn set_origin(&mut self, job: Option<&str>, step: Option<(u32, &str)>, attempt: Option<u32>) {
        let step = step.map(|(number, name)| Step { number, is_counted: false, name: Arc::from(name), first_line: 1 });
        self.is_step_fixed = step.is_some();
        self.set_scene(Scene { job: job.map(Arc::from), step, attempt, group: None });
    }

    /// Sets the step that the framing names, if it is another one.
    pub(crate) fn set_named_step(&mut self, name: &[u8], line: u64) {
        let now = self.scene.step.as_ref().map(|s| s.name.as_bytes());
        if now != Some(name.trim_ascii()) && !(now.is_some_and(|n| n.len() >= self.name) && name.len() > self.name) {
            self.begin_step(self.name(name), line);
            self.is_step_fixed = true;
        }
    }

    fn begin_step(&mut self, name: Arc<str>, line: u64) {
        self.steps = self.steps.saturating_add(1);
        self.groups.clear();
        self.deeper = 0;
        let step = Step { number: self.steps, is_counted: true, name, first_line: line };
        let Scene { job, attempt, .. } = &*self.scene;
        self.set_scene(Scene { job: job.clone(), step: Some(step), attempt: *attempt, group: None });
    }

    fn set_scene(&mut self, scene: Scene) {
        self.scene = Arc::new(scene);
        self.other = None;
    }

    /// A step begins with this line.
    fn step(&mut self, name: Arc<str>, line: &CleanLine<'_>) {
        self.mark(line.span(0..line.text.len()), MarkKind::Step(Arc::clone(&name)));
        if !self.is_step_fixed {
            self.begin_step(name, line.number);
        }
    }

    /// A section begins or ends at `at` of the clean text, which is at `line` of the input; the outermost are steps.
    pub(crate) fn section(&mut self, name: &[u8], is_start: bool, at: u64, line: u64) {
        if !is_start {
            return self.close_group(at..at);
        }
        let name = self.name(name);
        if self.groups.is_empty() && self.deeper == 0 && !self.is_step_fixed {
            self.mark(at..at, MarkKind::Step(Arc::clone(&name)));
            self.begin_step(Arc::clone(&name), line);
        }
        self.open_group(name, at..at);
    }

    /// The innermost group is this from now on; `None` for none.
    pub(crate) fn set_group(&mut self, group: Option<Arc<str>>) {
        if self.scene.group == group {
            return;
        }
        // Groups come and go: mostly it is the one before.
        match &mut self.other {
            Some(other) if other.group == group => std::mem::swap(&mut self.scene, other),
            // Nobody else has seen it yet.
            _ if Arc::strong_count(&self.scene) == 1 => Arc::make_mut(&mut self.scene).group = group,
            other => {
                let Scene { job, step, attempt, .. } = &*self.scene;
                let scene = Scene { job: job.clone(), step: step.clone(), attempt: *attempt, group };
                *other = Some(std::mem::replace(&mut self.scene, Arc::new(scene)));
            }
        }
    }

    /// The innermost group is the one the text opened last.
    pub(crate) fn restore_group(&mut self) {
        self.set_group(self.groups.last().cloned());
    }

    /// A group begins at `at` of the clean text.
    fn open_group(&mut self, name: Arc<str>, span: Range<u64>) {
        self.mark(span, MarkKind::Open(Arc::clone(&name)));
        if self.groups.len() < DEPTH {
            self.groups.push(Arc::clone(&name));
            self.set_group(Some(name));
        } else {
            self.deeper = self.deeper.saturating_add(1);
        }
    }

    /// The innermost group ends.
    pub(crate) fn close_group(&mut self, span: Range<u64>) {
        self.mark(span, MarkKind::Close);
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.groups.pop();
            self.restore_group();
        }
    }

    pub(crate) fn mark(&mut self, span: Range<u64>, kind: MarkKind) {
        if self.only_values && !kind.is_value() {
            return;
        }
        if self.marks.len() < self.most {
            self.marks.push(Mark { span, kind });
        } else {
            self.has_dropped = true;
        }
    }

    /// Whether a line may say anything: only its beginning is looked at.
    pub(crate) fn may_mean(&self, text: &[u8]) -> bool {
        self.is_amid() || may_mean_in(self.dialects, text)
    }

    /// Whether a line may say anything by itself, in whatever dialect.
    pub(crate) fn may_mean_anywhere(text: &[u8]) -> bool {
        may_mean_in(Dialects { github: true, buildkite: true }, text)
    }

    /// Whether the lines before make this one mean something, whatever it is.
    pub(crate) fn is_amid(&self) -> bool {
        self.block.is_some() || self.table.is_open()
    }

    /// Looks at a line.
    pub(crate) fn line(&mut self, line: &CleanLine<'_>) {
        if self.block.is_some() && self.entry(line) {
            return;
        }
        if let Some((name, value)) = self.table.line(line.text) {
            let (name, value) = (line.span(name), line.span(value));
            self.mark(line.span(0..line.text.len()), MarkKind::Entry { block: Block::Table, name, value });
            return;
        }
        match line.text.first() {
            Some(b'#') => self.hash(line),
            Some(b':' | b' ') => self.command(line),
            Some(b'[') => self.bracket(line),
            Some(b'+' | b'-' | b'~' | b'$') => self.sign(line),
            Some(b'e' | b'w') if self.dialects.github => self.head(line),
            Some(b'C' | b'P') if self.dialects.github => self.sentence(line),
            _ => {}
        }
    }

    /// `##[name]rest`.
    fn hash(&mut self, line: &CleanLine<'_>) {
        let Some(rest) = line.text.strip_prefix(b"##[") else { return };
        let Some(end) = memchr::memchr(b']', rest) else { return };
        let (name, rest) = (&rest[..end], &rest[end + 1..]);
        let whole = line.span(0..line.text.len());
        let behind = line.span(line.text.len() - rest.len()..line.text.len());
        match name {
            b"group" => {
                let name = self.name(rest);
                if rest.starts_with(b"Run ") && self.groups.is_empty() {
                    self.step(Arc::clone(&name), line);
                }
                self.open_group(name, whole);
            }
            b"endgroup" => self.close_group(whole),
            b"section" => {
                if let Some(name) = rest.strip_prefix(b"Starting: ") {
                    self.step(self.name(name), line);
                }
            }
            b"command" => self.mark(behind, MarkKind::Command),
            b"error" => self.mark(behind, MarkKind::Error),
            b"add-mask" => self.mark(behind, MarkKind::AddMask),
            _ => {}
        }
    }

    /// `::name k=v::data`, behind blanks at most.
    fn command(&mut self, line: &CleanLine<'_>) {
        let text = line.text.trim_ascii_start();
        let Some(rest) = text.strip_prefix(b"::") else { return };
        let Some(end) = memchr::memmem::find(&rest[..rest.len().min(512)], b"::") else { return };
        let data = line.text.len() - rest.len() + end + 2;
        let span = line.span(data..line.text.len());
        let name = rest[..end].split(|b| *b == b' ').next().unwrap_or_default();
        match name {
            b"add-mask" => self.mark(span, MarkKind::AddMask),
            b"group" => self.open_group(self.name(&rest[end + 2..]), span),
            b"endgroup" => self.close_group(span),
            b"error" => self.mark(span, MarkKind::Error),
            _ => {}
        }
    }

    /// `[Pipeline] …` of Jenkins, `[command]…` of GitHub's toolkit.
    fn bracket(&mut self, line: &CleanLine<'_>) {
        if line.text.starts_with(b"[command]") {
            return self.mark(line.span(9..line.text.len()), MarkKind::Command);
        }
        let Some(rest) = line.text.strip_prefix(b"[Pipeline] ") else { return };
        let rest = rest.trim_ascii();
        let whole = line.span(0..line.text.len());
        match rest {
            [b'{', inner @ ..] => self.open_stage(inner, line),
            b"}" => {
                self.mark(whole, MarkKind::Close);
                if self.deeper > 0 {
                    self.deeper -= 1;
                } else {
                    self.stages.pop();
                    self.show_stage(line.number);
                }
            }
            [b'/', b'/', ..] => self.set_group(None),
            _ => {
                let name = self.name(rest);
                self.set_group(Some(name));
            }
        }
    }

    /// `{` or `{ (NAME)`.
    fn open_stage(&mut self, inner: &[u8], line: &CleanLine<'_>) {
        let inner = inner.trim_ascii();
        let name = inner.strip_prefix(b"(").and_then(|n| n.strip_suffix(b")")).unwrap_or_default();
        let name = self.name(name);
        self.mark(line.span(0..line.text.len()), MarkKind::Open(Arc::clone(&name)));
        if self.stages.len() < DEPTH {
            self.stages.push(name);
            self.show_stage(line.number);
        } else {
            self.deeper = self.deeper.saturating_add(1);
        }
    }

    /// The innermost stage with a name is the step.
    fn show_stage(&mut self, line: u64) {
        let Some(name) = self.stages.iter().rev().find(|n| !n.is_empty()).cloned() else {
            if self.scene.step.is_some() && !self.is_step_fixed {
                self.set_scene(Scene { step: None, group: None, ..Scene::clone(&self.scene) });
            }
            return;
        };
        if !self.is_step_fixed && self.scene.step.as_ref().is_none_or(|s| s.name != name) {
            self.begin_step(name, line);
        }
    }

    /// `+ command` of a trace, `$ command`; groups of Buildkite.
    fn sign(&mut self, line: &CleanLine<'_>) {
        if self.dialects.buildkite
            && let Some(name) = [&b"--- "[..], b"+++ ", b"~~~ "].iter().find_map(|m| line.text.strip_prefix(*m))
        {
            return self.step(self.name(name), line);
        }
        let prefix = trace_prefix(line.text);
        if prefix > 0 {
            self.mark(line.span(prefix..line.text.len()), MarkKind::Command);
        }
    }

    /// `env:` and `with:`.
    fn head(&mut self, line: &CleanLine<'_>) {
        self.block = match line.text {
            b"env:" => Some(Block::Env),
            b"with:" => Some(Block::With),
            _ => return,
        };
    }

    /// An entry of the open block. `false` if the block has ended with this line.
    fn entry(&mut self, line: &CleanLine<'_>) -> bool {
        let Some(block) = self.block else { return false };
        if line.is_tail {
            self.mark(line.span(0..line.text.len()), MarkKind::EntryTail);
            return true;
        }
        let Some(rest) = line.text.strip_prefix(b"  ") else {
            self.block = None;
            return false;
        };
        let Some(colon) = memchr::memchr(b':', rest) else { return true };
        let value = 2 + colon + 1 + usize::from(rest.get(colon + 1) == Some(&b' '));
        let (name, value) = (line.span(2..2 + colon), line.span(value.min(line.text.len())..line.text.len()));
        self.mark(line.span(0..line.text.len()), MarkKind::Entry { block, name, value });
        true
    }

    /// `Complete job name: NAME`, `Post job cleanup.`, `Cleaning up orphan processes`.
    fn sentence(&mut self, line: &CleanLine<'_>) {
        if let Some(name) = line.text.strip_prefix(b"Complete job name: ") {
            self.set_job(name);
        } else if line.text == b"Post job cleanup." || line.text == b"Cleaning up orphan processes" {
            self.step(self.name(line.text), line);
        }
    }
}

/// Whether a line may say anything by itself.
fn may_mean_in(dialects: Dialects, text: &[u8]) -> bool {
    // Nearly every line ends here.
    let Some(first) = text.first().filter(|first| IS_SIGN[usize::from(**first)]) else { return false };
    match first {
        b'#' => text.starts_with(b"##["),
        b':' => text.starts_with(b"::"),
        b' ' => text.trim_ascii_start().starts_with(b"::") || Table::may_begin(text),
        b'[' => text.starts_with(b"[command]") || text.starts_with(b"[Pipeline] "),
        b'+' | b'-' | b'~' | b'$' => dialects.buildkite || trace_prefix(text) > 0,
        b'e' | b'w' => dialects.github && text.len() <= 5,
        b'C' | b'P' => dialects.github && SENTENCES.iter().any(|begin| text.starts_with(begin)),
        _ => Table::may_begin(text),
    }
}

/// Length of `+ `, `++ `, …, `$ ` before a command.
pub(crate) fn trace_prefix(text: &[u8]) -> usize {
    let signs = match text.first() {
        Some(b'+') => text.iter().take(9).take_while(|b| **b == b'+').count(),
        Some(b'$') => 1,
        _ => return 0,
    };
    let is_command = signs < 9 && text.get(signs) == Some(&b' ') && text.get(signs + 1).is_some_and(|b| *b > b' ');
    if is_command { signs + 1 } else { 0 }
}
