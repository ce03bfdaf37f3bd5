//! Which values are bound to which names, and which are not. `@` stands for the value.

use super::*;
use crate::literals::spellings;
use rules::{Matcher, Ruleset};

const VALUE: &str = "kT9xw2Qv";

/// The value that the rule `id` binds in a text, and how; of all anchors, as the literals are spelled, the first.
fn bound<'a>(id: &str, text: &'a str) -> Option<(&'a str, Match)> {
    let ruleset = Ruleset::builtin();
    let rule = ruleset.rules().iter().find(|rule| rule.id == id).expect("a built-in rule");
    let Matcher::Assignment(names) = &rule.matcher else { panic!("{id} is no assignment") };
    let view = View::whole(text.as_bytes());
    let spelled: Vec<String> = names.names.iter().flat_map(|name| spellings(name)).collect();
    let is_anchor = |start: &usize| spelled.iter().any(|name| text.as_bytes()[*start..].starts_with(name.as_bytes()));
    let found = (0..text.len()).filter(is_anchor).find_map(|start| at(names, view, start))?;
    Some((&text[found.secret.start..found.secret.end], found))
}

/// Asserts that a rule binds the value in each text, and hands it to `check`.
fn each(id: &str, texts: &[&str], check: impl Fn(&Match, &str)) {
    for text in texts {
        let text = text.replace('@', VALUE);
        let (value, found) = bound(id, &text).unwrap_or_else(|| panic!("nothing is bound in {text}"));
        assert_eq!(value, VALUE, "{text}");
        check(&found, &text);
    }
}

#[test]
fn values_in_quotes_count_in_any_file() {
    let texts = [
        r#"password = "@""#,
        r#"DB_PASSWORD="@""#,
        r#"{"password": "@"}"#,
        r#"{\"password\":\"@\"}"#,
        r#"{\\\"password\\\":\\\"@\\\"}"#,
        r#"config['password'] = '@'"#,
        r#""password" => "@""#,
        r#"password := `@`"#,
        r#"password <- "@""#,
        r#"let password: &str = "@";"#,
        r#"let password: String = "@""#,
        r#"char password[32] = "@";"#,
        r#"String password = String.valueOf("@");"#,
        r#"password = Some("@")"#,
        r#"key.password = []byte("@")"#,
        r#"$pass = ConvertTo-SecureString '@' -AsPlainText"#,
        r#"$pass = ConvertTo-SecureString -String "@" -Force"#,
        r#"setPassword("@")"#,
        r#"setPassword(Base64.decode("@"))"#,
        r#"passwordField.sendKeys("@")"#,
        r#"getenv("DB_PASSWORD", "@")"#,
        r#"os.environ.setdefault('PASSWORD', '@')"#,
        r#"define( 'DB_PASSWORD', '@' );"#,
        r#"["--keystore-password", "@"]"#,
        r#"process.env.DB_PASSWORD || '@'"#,
        r#"config.password ?? "@""#,
        r#"{{ db_password | default('@') }}"#,
        r#"${DB_PASSWORD:-@}"#,
        r#"<password>@</password>"#,
        "<password>\n    @\n  </password>",
        r#"<password encrypted="false">@</password>"#,
        r#"<wsse:Password Type="PasswordText">@</wsse:Password>"#,
        r#"<password><![CDATA[@]]></password>"#,
        r#"<password value="@"/>"#,
        r#"<property name="password">@</property>"#,
        r#"<property name="password" value="@"/>"#,
        "<property\n  name=\"javax.password\"\n  value=\"@\"/>",
        r#"<add key="Password" value="@"/>"#,
        r#"{"name": "DB_PASSWORD", "value": "@"}"#,
        "- name: DB_PASSWORD\n  value: \"@\"",
        r#"url = "https://acme.example/login?user=a&password=@&next=b""#,
        r#"body = "user=app&password=@""#,
        r#"curl -F 'password=@' https://acme.example"#,
        r#"  - "DB_PASSWORD=@""#,
        r#"CREATE ROLE app LOGIN PASSWORD '@';"#,
        r#"ALTER LOGIN app WITH PASSWORD = N'@';"#,
        r#"{:user "app" :password "@"}"#,
        r#"''password'' = ''@''"#,
        r#"buildConfigField "String", "DB_PASSWORD", "\"@\"""#,
        r#"resValue('string', 'proxy_password', '@')"#,
        r#"<Item name="Admin Password" type="string">@</Item>"#,
        "<Password>\n  <Value>@</Value>\n  <PlainText>true</PlainText>\n</Password>",
        r#"SET PASSWORD = PASSWORD('@');"#,
    ];
    each("generic-password", &texts, |found, text| {
        assert!(!found.only_in_configuration, "{text}");
        assert!(!found.loose, "{text}");
    });
}

#[test]
fn values_count_in_any_file_where_languages_and_dumps_have_them() {
    let texts = [
        r#"$ENV{DB_PASSWORD} = "@";"#,
        r#"$self->{password} = '@';"#,
        "  db_password => q{@},",
        "config.dbPassword = [[@]]",
        "setx DB_PASSWORD \"@\"",
        "(def db-password \"@\")",
        r#"{"text": ["DB_PASSWORD=@\n"]}"#,
        r#"@Value("${app.db.password:@}")"#,
        "INSERT INTO `options` VALUES (12,'smtp_password','@','yes');",
        "UPDATE options SET option_value = '@' WHERE option_name = 'smtp_password';",
        "<setting name=\"Password\" serializeAs=\"String\">\n  <value>@</value>\n</setting>",
        r#"<add key="Smtp:Password" value="@"/>"#,
        "password = (\n    \"@\"\n)",
        "String password =\n    \"@\";",
        "  password:\n    '@',",
        "password: { value: '@' }",
        r#"{ "Password", "@" },"#,
        r#"var c = "Server=db;Password=@;""#,
        r#"var password string = "@""#,
        "DECLARE password varchar(20) = '@';",
        "param password string = '@'",
        r#"parser.add_argument("--password", type=str, default="@")"#,
        r#"password: str = Field(default="@")"#,
        "Parameters:\n  DbPassword:\n    Type: String\n    Default: \"@\"\n",
        r#""DbPassword": {"Type": "String", "Default": "@"}"#,
    ];
    each("generic-password", &texts, |found, text| {
        assert!(!found.only_in_configuration, "{text}");
        assert!(!found.loose, "{text}");
    });
}

#[test]
fn literals_of_objective_c_stand_behind_names_of_macros() {
    let (value, found) = bound("generic-password", "#define DB_PASSWORD @\"kT9xw2Qv\"").expect("a value");
    assert_eq!((value, found.loose, found.only_in_configuration), (VALUE, false, false));
}

#[test]
fn values_are_members_of_objects_that_name_them_anywhere() {
    let texts = [
        r#"{"value": "@", "name": "DB_PASSWORD"}"#,
        "{\n    \"value\": \"@\",\n    \"name\": \"DB_PASSWORD\"\n}",
        r#"[{"value":"x","name":"A"},{"value":"@","name":"DB_PASSWORD"},{"value":"y","name":"B"}]"#,
        "- value: \"@\"\n  name: DB_PASSWORD",
        r#"{"Name": "/shop/db-password", "Type": "SecureString", "Value": "@", "Version": 1}"#,
        r#"{"db_password": {"sensitive": true, "type": "string", "value": "@"}}"#,
        "\"adminPassword\": {\n    \"value\": \"@\"\n}",
    ];
    each("generic-password", &texts, |found, text| {
        assert!(!found.only_in_configuration && !found.loose, "{text}");
    });
}

#[test]
fn values_without_quotes_count_where_files_hold_settings() {
    let texts = [
        "password = @",
        "password: @",
        "password: @ # of the test user",
        "export PGPASSWORD=@ ",
        "Password=@;Database=app",
        "psql --password @ app",
        "psql --password=@ app",
        "Connect-Host -Password @",
        "set SMBPass @\n",
        "set -gx DB_PASSWORD @\n",
        "ENV DB_PASSWORD @\n",
        "  DbPassword:\n    Type: String\n    NoEcho: true\n    Default: @\n",
        "password: &pw @\n",
        "password: !!str @\n",
        "password: |\n  @\n",
        "password: >-\n  @\n",
        "- name: DB_PASSWORD\n  value: @",
        "bind_pw = @",
        "BIND_PW=@",
        "SMTP_PASS=@",
        "dbpass=@",
    ];
    each("generic-password", &texts, |found, text| assert!(found.only_in_configuration, "{text}"));
}

#[test]
fn what_people_also_write_for_other_reasons_is_bound_loosely() {
    let texts = [
        r#"if password == "@":"#,
        r#"assert.notEqual(password !== '@')"#,
        r#"the password "@" is wrong"#,
        "Password is '@'",
        "password   @\n",
        "// password: @\n",
        "# password: @\n",
        "smtp_password,@\n",
        "smtp_password;@",
        "id,smtp_password,host\n1,@,h\n",
        "<!-- SMTP password: @ -->",
        "SMTP password - `@`\n",
        "| SMTP password | @ |\n",
    ];
    each("generic-password", &texts, |found, text| assert!(found.loose, "{text}"));
    let (_, short) = bound("generic-password", "password = 'abcd'").expect("a short value");
    assert!(short.loose);
}

#[test]
fn names_in_other_languages() {
    let texts = [
        "DB_KENNWORT=@",
        "contraseña: '@'",
        "const CONTRASENA = '@'",
        "senha = '@'",
        "MDP=@",
        "lösenord = '@'",
        "\"hasło\": \"@\"",
        "Пароль: @",
        "密码：@",
        "パスワード = '@'",
        "비밀번호: '@'",
    ];
    each("generic-password-in-other-languages", &texts, |_, _| ());
    assert!(bound("generic-password-in-other-languages", "xsmaddmdp_3 = 'kT9xw2Qv'").is_none());
    each("generic-password", &["motDePasse = '@'", "PASSWORT=@", "passphrase: '@'"], |_, _| ());
}

#[test]
fn keys_need_a_word_that_says_what_they_open() {
    let texts = ["ENCRYPTION_KEY=@", "accessKey: '@'", "consumer-key = '@'", "Consumer Key: ``@``", "masterkey:@"];
    each("generic-key", &texts, |_, _| ());
    for text in ["key = 'kT9xw2Qv'", "sortKey = 'kT9xw2Qv'", "monkey = 'kT9xw2Qv'", "keyboard: 'kT9xw2Qv'"] {
        assert!(bound("generic-key", text).is_none(), "{text}");
    }
}

#[test]
fn what_binds_nothing() {
    for text in [
        "bypass = 'kT9xw2Qv'",
        "compass: 'kT9xw2Qv'",
        "passwordless = 'kT9xw2Qv'",
        "passed = 'kT9xw2Qv'",
        "'en_PW' => 'kT9xw2Qv'",
        "('en-pw', 'kT9xw2Qv')",
        "password",
        "password = ''",
        "password: \"\", next: \"kT9xw2Qv\"",
        "password.encode('kT9xw2Qv')",
        "Password::new('kT9xw2Qv')",
        "['password', 'kT9xw2Qv']",
        "the password of kT9xw2Qv was changed",
        "<password/>kT9xw2Qv",
        "overlay=eof_action=pass:kT9xw2Qv",
        "https://password:kT9xw2Qv@host",
        "login --password-file kT9xw2Qv",
        "docker login --username AWS --password-stdin kT9xw2Qv",
        "--- PASS: kT9xw2Qv (0.02s)",
        "postgres://user@password:kT9xw2Qv/database",
        "psql --password --host kT9xw2Qv",
        "(?P<password>kT9xw2Qv)",
        "name=password\n\nkT9xw2Qv",
        "- name: A\n  value: kT9xw2Qv\n- name: DB_PASSWORD\n  valueFrom: x",
        r#"[{"value": "kT9xw2Qv"}, {"name": "DB_PASSWORD"}]"#,
        r#"{"name": "DB_PASSWORD", "of": {"value": "kT9xw2Qv"}}"#,
        r#"{"password": {"type": "string", "values": "kT9xw2Qv"}}"#,
        r#"the value "kT9xw2Qv" has the name: "password""#,
        "password:\n  type: string\nuser:\n  default: kT9xw2Qv\n",
        "${secret:kT9xw2Qv}",
        "`${password} kT9xw2Qv`",
        "row(a, 'password', 'kT9xw2Qv')",
        "DELETE FROM options WHERE option_name = 'smtp_password' OR 'kT9xw2Qv'",
        "a | b password | kT9xw2Qv |\n",
        "f(password, kT9xw2Qv)",
        "password:\nkT9xw2Qv",
        "if a > password | kT9xw2Qv",
        r#"{ "Password", "kT9xw2Qv", "x" }"#,
        r#"x = "a"; password of kT9xw2Qv;"#,
        "  password,\n  kT9xw2Qv,\n",
        "user,password\nkT9xw2Qv\n",
        "user,password\nkT9xw2Qv,app\n",
    ] {
        let found = bound("generic-password", text).map(|(value, _)| value);
        assert_eq!(found, None, "{text}");
    }
}

#[test]
fn a_value_that_may_go_on_beyond_what_is_read_is_none() {
    let long = format!("password={}", "kT9xw2Qv".repeat(200));
    assert!(bound("generic-password", &long).is_none());
    let quoted = format!("password='{}'", "kT9xw2Qv".repeat(200));
    assert!(bound("generic-password", &quoted).is_none());
}

#[test]
fn the_beginning_of_a_token_behind_a_status_is_none() {
    for before in ["id=113296599 status=200 ", "id=1 responseStatus=200 OK ", "status=201 Created "] {
        assert!(bound("generic-token", &format!("{before}token=zjyCZm9o")).is_none(), "{before}");
        assert!(bound("generic-token", &format!("{before}token=zjyCZm9oW4uUQz5z")).is_some(), "{before}");
    }
    for before in ["", "status=open ", "user=200 "] {
        assert!(bound("generic-token", &format!("{before}token=zjyCZm9o")).is_some(), "{before}");
    }
}
