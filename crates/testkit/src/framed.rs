//! Logs, written as the systems that keep them write them, with a map of their own: where each byte of the text stands.

use crate::encode::Encoding;
use std::ops::Range;

/// A log under the pen.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The log.
    pub bytes: Vec<u8>,
    /// Where each byte of the text in it stands: lines one after the other, without their ends.
    pub text: Vec<Range<usize>>,
}

/// How a framing writes a line of text.
type Line = fn(&mut Page, &[u8]);
/// How it writes one line in parts, the last of which ends it; in front of the last, where streams have records of their
/// own, a line of another stream if that is asked for.
type Split = fn(&mut Page, &[&[u8]], &[u8], bool);

/// A framing, as its emitter writes it.
#[derive(Clone, Copy, Debug)]
pub struct Framed {
    /// As `--framing` names it.
    pub name: &'static str,
    /// What a log begins with, so that it is known for what it is.
    pub head: &'static str,
    /// Writes a line.
    pub line: Line,
    /// Writes a line in two records, where the framing has a way to say that they are one.
    pub split: Option<Split>,
    /// What a log ends with.
    pub foot: &'static str,
}

impl Framed {
    /// Every framing.
    pub const ALL: [Framed; 23] = FRAMED;

    /// The framing of that name.
    ///
    /// # Panics
    /// If there is none.
    pub fn named(name: &str) -> Framed {
        *Framed::ALL.iter().find(|framed| framed.name == name).expect("a framing")
    }

    /// A log that has begun.
    pub fn begin(&self) -> Page {
        let mut page = Page::default();
        page.raw(self.head);
        page
    }

    /// Ends a log.
    pub fn end(&self, page: &mut Page) {
        page.raw(self.foot);
    }
}

impl Page {
    /// What is no text.
    pub fn raw(&mut self, bytes: impl AsRef<[u8]>) {
        self.bytes.extend_from_slice(bytes.as_ref());
    }

    /// What is written between the parts of a line; it is not in the map.
    fn beside(&mut self, write: impl FnOnce(&mut Page)) {
        let known = self.text.len();
        write(self);
        self.text.truncate(known);
    }

    /// Text as it is.
    fn put(&mut self, text: &[u8]) {
        for byte in text {
            self.text.push(self.bytes.len()..self.bytes.len() + 1);
            self.bytes.push(*byte);
        }
    }

    /// Text of which some bytes are spelled.
    fn spell(&mut self, text: &[u8], spell: fn(u8) -> Option<String>) {
        for byte in text {
            match spell(*byte) {
                Some(spelled) => {
                    self.text.push(self.bytes.len()..self.bytes.len() + spelled.len());
                    self.raw(spelled);
                }
                None => self.put(&[*byte]),
            }
        }
    }

    /// Text within a JSON string.
    fn json(&mut self, text: &[u8]) {
        self.spell(text, |byte| match byte {
            b'"' | b'\\' => Some(format!("\\{}", char::from(byte))),
            0..0x20 => Some(format!("\\u{byte:04x}")),
            _ => None,
        });
    }

    /// Text as an array of numbers, which is how the journal writes what is not printable.
    fn numbers(&mut self, text: &[u8]) {
        self.raw("[");
        for (at, byte) in text.iter().enumerate() {
            self.raw(if at == 0 { "" } else { "," });
            let number = byte.to_string();
            self.text.push(self.bytes.len()..self.bytes.len() + number.len());
            self.raw(number);
        }
        self.raw("]");
    }

    /// Text in base64; a byte stands where the characters do that hold it.
    fn base64(&mut self, text: &[u8]) {
        let start = self.bytes.len();
        let holds = |at: usize| start + at * 8 / 6..start + (at * 8 + 7) / 6 + 1;
        self.text.extend((0..text.len()).map(holds));
        self.raw(Encoding::Base64 { url_safe: false, padded: true }.encode(text));
    }

    fn line(&mut self, prefix: &str, text: &[u8], end: &str) {
        self.raw(prefix);
        self.put(text);
        self.raw(end);
    }

    fn docker(&mut self, text: &[u8], stream: &str, end: &str) {
        self.raw("{\"log\":\"");
        self.json(text);
        self.raw(format!("{end}\",\"stream\":\"{stream}\",\"time\":\"2026-01-02T03:04:05.123456789Z\"}}\n"));
    }

    fn circle(&mut self, text: &[u8], stream: &str, end: &str) {
        self.raw("{\"message\":\"");
        self.json(text);
        self.raw(format!("{end}\",\"time\":\"2026-01-02T03:04:05.400Z\",\"type\":\"{stream}\"}},"));
    }

    fn drone(&mut self, text: &[u8], end: &str) {
        self.raw("{\"pos\":3,\"out\":\"");
        self.json(text);
        self.raw(format!("{end}\",\"time\":2}},"));
    }

    fn teamcity(&mut self, text: &[u8]) {
        self.raw("##teamcity[message text='");
        self.spell(text, |byte| match byte {
            b'|' | b'\'' | b'[' | b']' => Some(format!("|{}", char::from(byte))),
            0..0x20 => Some(format!("|0x{byte:04x}")),
            _ => None,
        });
        self.raw("' status='NORMAL']\n");
    }

    fn syslog(&mut self, prefix: &str, text: &[u8]) {
        self.raw(prefix);
        self.spell(text, |byte| (byte < 0x20).then(|| format!("#{byte:03o}")));
        self.raw("\n");
    }

    fn journal_export(&mut self, fields: &str, text: &[u8]) {
        self.raw(format!("__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1767323045200000\n{fields}"));
        if text.iter().all(|byte| *byte >= 0x20) {
            self.raw("MESSAGE=");
        } else {
            self.raw("MESSAGE\n");
            self.raw((text.len() as u64).to_le_bytes());
        }
        self.put(text);
        self.raw("\n\n");
    }

    fn journal_json(&mut self, fields: &str, text: &[u8]) {
        self.raw(format!("{{\"__REALTIME_TIMESTAMP\":\"1767323045123456\",{fields}\"MESSAGE\":"));
        if text.iter().all(|byte| *byte >= 0x20) {
            self.raw("\"");
            self.json(text);
            self.raw("\"");
        } else {
            self.numbers(text);
        }
        self.raw("}\n");
    }
}

const DOTNET: &str = "2026-01-02T03:04:05.1234567Z ";

const FRAMED: [Framed; 23] = [
    Framed {
        name: "github",
        head: concat!(
            "\u{feff}2026-01-02T03:04:05.0100000Z Current runner version: '2.330.0'\n",
            "2026-01-02T03:04:05.0200000Z ##[group]Operating System\n",
            "2026-01-02T03:04:05.0300000Z Ubuntu\n",
            "2026-01-02T03:04:05.0400000Z ##[endgroup]\n",
            "2026-01-02T03:04:05.0600000Z ##[group]Run make deploy\n",
            "2026-01-02T03:04:05.0700000Z \u{1b}[36;1mmake deploy\u{1b}[0m\n",
            "2026-01-02T03:04:05.0800000Z shell: /usr/bin/bash -e {0}\n",
            "2026-01-02T03:04:05.0900000Z ##[endgroup]\n"
        ),
        line: |page, text| page.line(DOTNET, text, "\n"),
        split: None,
        foot: "2026-01-02T03:04:06.0100000Z Cleaning up orphan processes\n",
    },
    Framed {
        name: "github-cli",
        head: concat!(
            "build\tSet up job\t\u{feff}2026-01-02T03:04:05.0100000Z Current runner version: '2.330.0'\n",
            "build\tRun make\t2026-01-02T03:04:05.0200000Z ##[group]Run make\n",
            "build\tRun make\t2026-01-02T03:04:05.0400000Z ##[endgroup]\n"
        ),
        line: |page, text| page.line("build\tRun make\t2026-01-02T03:04:05.1234567Z ", text, "\n"),
        split: None,
        foot: "build\tComplete job\t2026-01-02T03:04:06.0100000Z Cleaning up orphan processes\n",
    },
    Framed {
        name: "azure",
        head: concat!(
            "\u{feff}2026-01-02T03:04:05.0100000Z ##[section]Starting: Initialize job\r\n",
            "2026-01-02T03:04:05.0200000Z Agent name: 'Hosted Agent'\r\n",
            "2026-01-02T03:04:05.0400000Z ##[section]Finishing: Initialize job\r\n",
            "2026-01-02T03:04:05.0500000Z ##[section]Starting: CmdLine\r\n"
        ),
        line: |page, text| page.line(DOTNET, text, "\r\n"),
        split: None,
        foot: "2026-01-02T03:04:06.0500000Z ##[section]Finishing: CmdLine\r\n",
    },
    Framed {
        name: "gitlab",
        head: concat!(
            "\u{1b}[0KRunning with gitlab-runner 18.7.0 (0a1b2c3d)\u{1b}[0;m\n",
            "section_start:1767323046:step_script\r\u{1b}[0K\u{1b}[0K\u{1b}[36;1mExecuting \"step_script\"\u{1b}[0;m\n"
        ),
        line: |page, text| page.line("", text, "\u{1b}[0;m\n"),
        split: None,
        foot: "section_end:1767323048:step_script\r\u{1b}[0K\u{1b}[32;1mJob succeeded\u{1b}[0;m\n",
    },
    Framed {
        name: "gitlab-timed",
        head: concat!(
            "2026-01-02T03:04:05.000001Z 00O section_start:1767323045:step_script\r\u{1b}[0K\u{1b}[36;1mExecuting\u{1b}[0;m\n",
            "2026-01-02T03:04:05.000100Z 01O $ make deploy\n"
        ),
        line: |page, text| page.line("2026-01-02T03:04:05.123456Z 01O ", text, "\n"),
        split: Some(|page, parts, last, is_beside| {
            parts.iter().for_each(|part| page.line("2026-01-02T03:04:05.123456Z 01O ", part, "\n"));
            page.raw(if is_beside { "2026-01-02T03:04:05.123456Z 01E noise of another stream\n" } else { "" });
            page.line("2026-01-02T03:04:05.123456Z 01O+", last, "\n");
        }),
        foot: "2026-01-02T03:04:06.000001Z 00O section_end:1767323048:step_script\r\u{1b}[0K\n",
    },
    Framed {
        name: "jenkins",
        head: "Started by timer\nRunning as SYSTEM\n[Pipeline] Start of Pipeline\n[Pipeline] node\n[Pipeline] sh\n",
        line: |page, text| page.line("[2026-01-02T03:04:05.678Z] ", text, "\r\n"),
        split: Some(|page, parts, last, _| {
            parts
                .iter()
                .for_each(|part| page.line("[2026-01-02T03:04:05.678Z] ", part, "\u{1b}[8mha:////4AAAA==\u{1b}[0m"));
            page.line("", last, "\n");
        }),
        foot: "[Pipeline] End of Pipeline\nFinished: SUCCESS\n",
    },
    Framed {
        name: "buildkite",
        head: concat!(
            "\u{1b}_bk;t=1767323045123\u{7}~~~ Running global environment hook\r\n",
            "\u{1b}_bk;t=1767323045200\u{7}~~~ Running command\r\n"
        ),
        line: |page, text| page.line("\u{1b}_bk;t=1767323045123\u{7}", text, "\r\r\n"),
        split: Some(|page, parts, last, _| {
            parts.iter().for_each(|part| page.line("\u{1b}_bk;t=1767323045123\u{7}", part, ""));
            page.line("\u{1b}_bk;t=1767323047123\u{7}", last, "\r\n");
        }),
        foot: "\u{1b}_bk;t=1767323047300\u{7}~~~ Uploading artifacts\r\n",
    },
    Framed {
        name: "travis",
        head: concat!(
            "travis_fold:start:worker_info\r\u{1b}[0K\u{1b}[33;1mWorker information\u{1b}[0m\r\n",
            "hostname: abc\r\n",
            "travis_fold:end:worker_info\r\u{1b}[0Ktravis_fold:start:install\r\u{1b}[0K",
            "travis_time:start:0a1b2c3d\r\u{1b}[0K$ make deploy\r\n"
        ),
        line: |page, text| page.line("", text, "\r\n"),
        // A mark in mid-line begins another command.
        split: None,
        foot: "travis_fold:end:install\r\u{1b}[0K\r\nThe command \"make deploy\" exited with 0.\r\n",
    },
    Framed {
        name: "teamcity",
        head: "##teamcity[blockOpened name='deploy' flowId='1']\n",
        line: Page::teamcity,
        split: None,
        foot: "##teamcity[blockClosed name='deploy' flowId='1']\n",
    },
    Framed {
        name: "bitbucket",
        head: "+ umask 000\n\n+ GIT_LFS_SKIP_SMUDGE=1 retry 6 git clone --depth=50 example/shop.git\n+ ./deploy\n",
        line: |page, text| page.line("", text, "\n"),
        split: None,
        foot: "+ date\n",
    },
    Framed {
        name: "circleci",
        head: "[{\"message\":\"$ ./deploy\\r\\n\",\"time\":\"2026-01-02T03:04:05.000Z\",\"type\":\"out\"},",
        line: |page, text| page.circle(text, "out", "\\r\\n"),
        split: Some(|page, parts, last, is_beside| {
            parts.iter().for_each(|part| page.circle(part, "out", ""));
            if is_beside {
                page.beside(|page| page.circle(b"noise of another stream", "err", "\\r\\n"));
            }
            page.circle(last, "out", "\\r\\n");
        }),
        foot: "{\"message\":\"done\\r\\n\",\"time\":\"2026-01-02T03:04:06.000Z\",\"type\":\"out\"}]",
    },
    Framed {
        name: "drone",
        head: "[{\"pos\":0,\"out\":\"+ ./deploy\\n\",\"time\":0},",
        line: |page, text| page.drone(text, "\\n"),
        split: Some(|page, parts, last, _| {
            parts.iter().for_each(|part| page.drone(part, ""));
            page.drone(last, "\\n");
        }),
        foot: "{\"pos\":9,\"out\":\"done\\n\",\"time\":9}]",
    },
    Framed {
        name: "woodpecker",
        head: "{\"id\":1,\"step_id\":42,\"time\":0,\"line\":0,\"data\":\"KyAuL2RlcGxveQ==\",\"type\":0}\n",
        line: |page, text| {
            page.raw("{\"id\":2,\"step_id\":42,\"time\":1,\"line\":1,\"data\":\"");
            page.base64(text);
            page.raw("\",\"type\":0}\n");
        },
        split: None,
        foot: "{\"id\":5,\"step_id\":42,\"time\":4,\"line\":4,\"data\":\"MA==\",\"type\":2}\n",
    },
    Framed {
        name: "docker",
        head: "{\"log\":\"starting\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-02T03:04:05.1Z\"}\n",
        line: |page, text| page.docker(text, "stdout", "\\n"),
        split: Some(|page, parts, last, is_beside| {
            parts.iter().for_each(|part| page.docker(part, "stdout", ""));
            if is_beside {
                page.beside(|page| page.docker(b"noise of another stream", "stderr", "\\n"));
            }
            page.docker(last, "stdout", "\\n");
        }),
        foot: "{\"log\":\"ending\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-02T03:04:06.1Z\"}\n",
    },
    Framed {
        name: "cri",
        head: "2026-01-02T03:04:05.1Z stdout F starting\n",
        line: |page, text| page.line("2026-01-02T03:04:05.123456789Z stdout F ", text, "\n"),
        split: Some(|page, parts, last, is_beside| {
            parts.iter().for_each(|part| page.line("2026-01-02T03:04:05.123456789Z stdout P ", part, "\n"));
            page.raw(if is_beside { "2026-01-02T03:04:05.2+00:00 stderr F noise of another stream\n" } else { "" });
            page.line("2026-01-02T03:04:05.30Z stdout F ", last, "\n");
        }),
        foot: "2026-01-02T03:04:06.1Z stdout F ending\n",
    },
    Framed {
        name: "journald-export",
        head: "__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1767323045123456\nPRIORITY=6\nMESSAGE=starting\n\n",
        line: |page, text| page.journal_export("PRIORITY=6\n", text),
        split: Some(|page, parts, last, _| {
            let fields = "CONTAINER_ID_FULL=abcdef\nCONTAINER_PARTIAL_ID=p1\n";
            let is_more = format!("{fields}CONTAINER_PARTIAL_MESSAGE=true\n");
            parts.iter().for_each(|part| page.journal_export(&is_more, part));
            page.journal_export(&format!("{fields}CONTAINER_PARTIAL_LAST=true\n"), last);
        }),
        foot: "__CURSOR=s=1;i=9\n__REALTIME_TIMESTAMP=1767323046123456\nMESSAGE=ending\n\n",
    },
    Framed {
        name: "journald-json",
        head: "{\"__REALTIME_TIMESTAMP\":\"1767323045123456\",\"_SYSTEMD_UNIT\":\"ci.service\",\"MESSAGE\":\"starting\"}\n",
        line: |page, text| page.journal_json("\"_SYSTEMD_UNIT\":\"ci.service\",", text),
        split: Some(|page, parts, last, _| {
            let fields = "\"CONTAINER_ID\":\"c1\",\"CONTAINER_PARTIAL_ID\":\"p\",";
            let is_more = format!("{fields}\"CONTAINER_PARTIAL_MESSAGE\":\"true\",");
            parts.iter().for_each(|part| page.journal_json(&is_more, part));
            page.journal_json(fields, last);
        }),
        foot: "{\"__REALTIME_TIMESTAMP\":\"1767323046123456\",\"_SYSTEMD_UNIT\":\"ci.service\",\"MESSAGE\":\"ending\"}\n",
    },
    Framed {
        name: "buildkit",
        head: concat!(
            "#0 building with \"default\" instance using docker driver\n\n",
            "#1 [internal] load build definition from Dockerfile\n",
            "#1 DONE 0.0s\n\n#7 [build 2/5] RUN make\n"
        ),
        line: |page, text| page.line("#7 0.345 ", text, "\n"),
        split: None,
        foot: "#7 DONE 12.3s\n",
    },
    Framed {
        name: "syslog",
        head: "Jan  2 03:04:05 host shop[17]: starting\nJan  2 03:04:05 host shop[17]: ready\n",
        line: |page, text| page.syslog("Jan  2 03:04:05 host shop[17]: ", text),
        split: None,
        foot: "Jan  2 03:04:06 host shop[17]: ending\n",
    },
    Framed {
        name: "syslog-5424",
        head: "<165>1 2026-01-02T03:04:05.003Z host shop 17 - - starting\n",
        line: |page, text| page.syslog("<165>1 2026-01-02T03:04:05.003Z host shop 17 - - ", text),
        split: None,
        foot: "<165>1 2026-01-02T03:04:06.003Z host shop 17 - - ending\n",
    },
    Framed {
        name: "timestamps",
        head: "2026-01-02T03:04:05.123456789Z starting\n2026-01-02T03:04:05.2Z ready\n",
        line: |page, text| page.line("2026-01-02T03:04:05.2Z ", text, "\n"),
        split: None,
        foot: "2026-01-02T03:04:06Z ending\n",
    },
    Framed {
        name: "typescript",
        head: "Script started on 2026-01-02 03:04:05+00:00 [TERM=\"xterm\" TTY=\"/dev/pts/1\" COLUMNS=\"80\" LINES=\"24\"]\n",
        line: |page, text| page.line("", text, "\r\n"),
        split: Some(|page, parts, last, _| {
            // At the edge the terminal goes on in the next row: a blank that is overwritten.
            parts.iter().for_each(|part| page.line("", part, " \r"));
            page.line("", last, "\r\n");
        }),
        foot: "exit\r\n\nScript done on 2026-01-02 03:05:00+00:00 [COMMAND_EXIT_CODE=\"0\"]\n",
    },
    Framed {
        name: "plain",
        head: "make: Entering directory '/work/shop'\n",
        line: |page, text| page.line("", text, "\n"),
        split: None,
        foot: "make: Leaving directory '/work/shop'\n",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_the_text_stands_where_the_map_says() {
        for framed in Framed::ALL {
            let mut page = framed.begin();
            (framed.line)(&mut page, b"Level=abc\"\x1b[1m'|[x]\\");
            if let Some(split) = framed.split {
                split(&mut page, &[b"one", b"two"], b"three", true);
            }
            framed.end(&mut page);
            let texts = &page.text;
            assert!(texts.windows(2).all(|pair| pair[0].start < pair[1].end && pair[0].start <= pair[1].start));
            if !["woodpecker", "journald-json"].contains(&framed.name) {
                let plain: Vec<u8> = texts[..9].iter().map(|range| page.bytes[range.start]).collect();
                assert_eq!(plain, b"Level=abc", "{}", framed.name);
            }
        }
    }

    #[test]
    fn base64_stands_in_the_characters_that_hold_a_byte() {
        let mut page = Page::default();
        page.base64(b"abcd");
        assert_eq!(page.text, [0..2, 1..3, 2..4, 4..6]);
    }
}
