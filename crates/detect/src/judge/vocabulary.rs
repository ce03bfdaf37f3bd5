//! What single words say, in a name or in a value.

use super::fnv64;

/// A set of topics.
pub(super) type Topics = u32;

/// Words of placeholders and test data.
pub(super) const PLACEHOLDER: Topics = 1;
/// Words that name credentials.
pub(super) const CREDENTIAL: Topics = 1 << 1;
/// A name that ends so is about a credential's kind, its place, its size, or is a text about it.
pub(super) const KIND: Topics = 1 << 2;
pub(super) const PLACE: Topics = 1 << 3;
pub(super) const SIZE: Topics = 1 << 4;
pub(super) const TEXT: Topics = 1 << 5;
/// Verbs and conditions.
pub(super) const VERB: Topics = 1 << 6;
/// Words of the user interface.
pub(super) const INTERFACE: Topics = 1 << 7;
/// Words of tests.
pub(super) const TEST: Topics = 1 << 8;
/// With `key`: a key to an interface; a key of a cipher.
pub(super) const API: Topics = 1 << 9;
pub(super) const CIPHER: Topics = 1 << 10;
/// A language's own words and other fixed values.
pub(super) const KEYWORD: Topics = 1 << 11;
pub(super) const PUBLIC: Topics = 1 << 12;
pub(super) const HASH: Topics = 1 << 13;
pub(super) const NONCE: Topics = 1 << 14;
pub(super) const AUTH: Topics = 1 << 15;
pub(super) const KEY: Topics = 1 << 16;
/// A value made of words is a placeholder if one of them is a marker, and the others are fillers.
pub(super) const MARKER: Topics = 1 << 17;
pub(super) const FILLER: Topics = 1 << 18;
/// A name that ends so is who logs in.
pub(super) const USER: Topics = 1 << 19;

const LISTS: [(Topics, &str); 20] = [
    (
        PLACEHOLDER,
        "test tests testing example dummy sample foo bar baz my your invalid wrong fake mock some default new old change the \
         this insecure none empty unknown value string bad",
    ),
    (
        CREDENTIAL,
        "password passwd pwd pass secret secrets token tokens key keys auth credential credentials api access oauth login user \
         username passphrase bearer authorization cert",
    ),
    (
        KIND,
        "name names type kind id ids field class method provider policy enabled required pattern regex algorithm format prefix \
         suffix header param parameter attr attribute property column env var variable manager service handler factory component \
         mode scheme strategy scope scopes status state action event ref config code grant version usage encryption strength hasher",
    ),
    (
        PLACE,
        "path file filename url uri dir directory folder host endpoint link page route volume store location server domain address \
         table index bucket namespace resource arn",
    ),
    (
        SIZE,
        "length len size min max count ttl expiry expiration expires timeout age lifetime time date at interval limit bits rounds \
         period number offset position timestamp attempts retries",
    ),
    (
        TEXT,
        "label title placeholder hint help error message msg text tooltip description desc info prompt question instructions \
         failed success successfully exception warning reason removed",
    ),
    (
        VERB,
        "is has use get set enable disable allow require with no validate check verify generate create update delete find show \
         hide on should can needs missing invalid incorrect wrong bad unauthorized forgot mandatory required",
    ),
    (
        INTERFACE,
        "label lbl btn button title input form modal menu page tooltip reset confirm confirmation repeat enter i msg message error \
         text placeholder",
    ),
    (
        USER,
        "user username userid usr uid login email mail account owner person people org organization client consumer issuer",
    ),
    (TEST, "test tests example dummy sample mock fake expected fixture default"),
    (API, "api access auth account client consumer app subscription license storage service apikey"),
    (
        CIPHER,
        "secret private encryption encrypt signing sign master hmac shared session crypto cipher aes jwt cookie base",
    ),
    (
        KEYWORD,
        "true false null none nil undefined string str int bool boolean object any void yes no on off self this function class new \
         return text bytes required optional number enabled disabled default auto always never basic bearer password token \
         secret key admin root user",
    ),
    (PUBLIC, "public pub"),
    (HASH, "hash hashed digest sha md integrity checksum encrypted etag"),
    (NONCE, "nonce salt iv seed csrf"),
    (AUTH, "auth authorization credential credentials cred creds"),
    (KEY, "key keys apikey"),
    (
        MARKER,
        "abc adgangskode bar baz blank bogus cambiami cambiar change changed changeit changeme chave chiave clave cle \
         contrasena dein deine demo disabled dummy edit empty enter example fake fill fixme foo foobar geheim geheimnis \
         goes haslo here heslo hidden insert invalid jelszo jouw kennwort klic klucz kulcs losenord masked me mock my nil \
         no none not null ollama override parola passe passord passwort placeholder provide put redacted removed replace \
         replaced salasana sample schluessel schlussel senha sifre sleutel some studio sua svoj tbd test testing todo tua \
         tuo twoj twoje undefined unknown unset update votre wachtwoord whatever wrong xxx xxxx xxxxx xxxxxx xxxxxxx \
         xxxxxxxx xyz your yours",
    ),
    (
        FILLER,
        "a access account actual admin an and api app application aqui auth authorization available aws azure base be \
         bearer bot client code config configured cred credential credentials data database db de default define dev do \
         email for from generated git github gitlab google hash hier host ici id ihr ihre il in is it jwt key keys la le \
         lm local login long mein mio mot must name needed new oauth of old openai or org own pass passphrase passwd \
         password pat personal please private prod production project provided public pw pwd random real refresh registry \
         required root safe salt secret secreta secreto secrets secure segreta server service session set should signing \
         sk slack smtp so specified ssh staging string stripe strong su super supported team temp text that the this to \
         token tokens tu url use used user username users value very webhook with",
    ),
];

/// Places in [`TABLE`]; a power of two above twice the number of words.
const PLACES: usize = 1024;

/// The upper half of a word's hash, and its topics; no topics: an empty place. Different words here have different hashes
/// (see the test).
static TABLE: [(u32, Topics); PLACES] = {
    let mut table = [(0u32, 0 as Topics); PLACES];
    let mut list = 0;
    while list < LISTS.len() {
        let (topic, words) = (LISTS[list].0, LISTS[list].1.as_bytes());
        let (mut start, mut at) = (0, 0);
        while at <= words.len() {
            if at == words.len() || words[at] == b' ' {
                let (head, _) = words.split_at(at);
                let (_, word) = head.split_at(start);
                let hash = fnv64(word);
                let mut place = hash as usize % PLACES;
                while table[place].1 != 0 && table[place].0 != (hash >> 32) as u32 {
                    place = (place + 1) % PLACES;
                }
                table[place] = ((hash >> 32) as u32, table[place].1 | topic);
                start = at + 1;
            }
            at += 1;
        }
        list += 1;
    }
    table
};

/// The topics of a lower-case word. A word of none of the lists is taken for another with a probability of 1 in 10^7.
pub(super) fn topics(word: &[u8]) -> Topics {
    let hash = fnv64(word);
    let mut place = hash as usize % PLACES;
    while TABLE[place].1 != 0 {
        if TABLE[place].0 == (hash >> 32) as u32 {
            return TABLE[place].1;
        }
        place = (place + 1) % PLACES;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_the_topics_of_its_lists_and_no_other() {
        let words: std::collections::BTreeSet<&str> = LISTS.iter().flat_map(|(_, words)| words.split(' ')).collect();
        for word in &words {
            let lists = LISTS.iter().filter(|(_, words)| words.split(' ').any(|w| w == *word));
            assert_eq!(topics(word.as_bytes()), lists.fold(0, |all, (topic, _)| all | topic), "{word}");
        }
        assert_eq!(topics(b"zebra") | topics(b""), 0);
        assert!(words.len() * 2 < PLACES);
    }
}
