//! Just enough JSON (RFC 8259) to tell an object from noise and to see its members; nothing is built.

/// How deep arrays and objects may nest; deeper text counts as no JSON.
const MAX_DEPTH: u32 = 32;

/// Hands every member of the object that `text` is to `member`, as the raw text between the key's quotes and the raw
/// text of the value. False if `text` is not exactly one object; members seen before the fault have been handed out.
pub(super) fn object<'a>(text: &'a [u8], mut member: impl FnMut(&'a [u8], &'a [u8])) -> bool {
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let ok = reader.members(MAX_DEPTH, &mut member).is_some();
    reader.space();
    ok && reader.at == text.len()
}

/// Whether `text` is an object that has every key of `keys`.
pub(super) fn has_keys(text: &[u8], keys: &[&str]) -> bool {
    let mut found = 0u32;
    let is_object = object(text, |key, _| {
        if let Some(at) = keys.iter().position(|k| k.as_bytes() == key) {
            found |= 1 << at;
        }
    });
    is_object && found == (1u32 << keys.len()) - 1
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn members(&mut self, depth: u32, member: &mut dyn FnMut(&'a [u8], &'a [u8])) -> Option<()> {
        self.byte(b'{')?;
        self.space();
        if self.byte(b'}').is_some() {
            return Some(());
        }
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            self.byte(b':')?;
            self.space();
            let start = self.at;
            self.value(depth)?;
            member(key, &self.text[start..self.at]);
            self.space();
            if self.byte(b',').is_none() {
                return self.byte(b'}');
            }
        }
    }

    fn elements(&mut self, depth: u32) -> Option<()> {
        self.byte(b'[')?;
        self.space();
        if self.byte(b']').is_some() {
            return Some(());
        }
        loop {
            self.space();
            self.value(depth)?;
            self.space();
            if self.byte(b',').is_none() {
                return self.byte(b']');
            }
        }
    }

    fn value(&mut self, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match self.peek()? {
            b'{' => self.members(depth, &mut |_, _| ()),
            b'[' => self.elements(depth),
            b'"' => self.string().map(|_| ()),
            _ => self.scalar(),
        }
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        self.byte(b'"')?;
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                0..0x20 => return None,
                _ => self.at += 1,
            }
        }
        let text = &self.text[start..self.at];
        self.at += 1;
        std::str::from_utf8(text).ok().map(str::as_bytes)
    }

    /// A number, `true`, `false` or `null`; numbers are not looked at closely.
    fn scalar(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b)).count();
        let scalar = &rest[..len];
        self.at += len;
        let is_number = scalar.iter().any(u8::is_ascii_digit) && scalar.iter().all(|b| b"0123456789+-.eE".contains(b));
        (is_number || matches!(scalar, b"true" | b"false" | b"null")).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_their_members() {
        let mut seen = Vec::new();
        let text = br#" {"a": [1, {"x": "}"}], "b\"": null, "c": "d"} "#;
        assert!(object(text, |k, v| seen.push((k.to_vec(), v.to_vec()))));
        assert_eq!(seen[1], (b"b\\\"".to_vec(), b"null".to_vec()));
        assert!(has_keys(text, &["a", "c"]) && !has_keys(text, &["a", "d"]));
    }

    #[test]
    fn noise_is_no_object() {
        for text in
            ["", "{", "{}x", "[]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{'a':1}", "{\"a\":nil}", "{\"a\":\"\n\"}"]
        {
            assert!(!object(text.as_bytes(), |_, _| ()), "{text}");
        }
        assert!(!object(b"{\"a\":\"\xff\"}", |_, _| ()));
        assert!(!object(format!("{{\"a\":{}1{}}}", "[".repeat(99), "]".repeat(99)).as_bytes(), |_, _| ()));
    }
}
