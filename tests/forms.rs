//! Generic credentials in the forms in which people leave them, and what looks like them, through the built binary.
//!
//! A file each. `{p}` stands for a password of letters and digits, `{t}` for a token, `{h}` for 32 hexadecimal digits, `{b}` for a
//! user and a password in base64, `{u}` for a UUID, `{w}` for what Windows encrypted, `{c}` for a digest of crypt.

use crate::program::deadkey;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use testkit::{Encoding, Rng};

const ALPHANUMERIC: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Path and text of files that hold one credential each.
const HELD: &[(&str, &str)] = &[
    // Password files of programs.
    (".pgpass", "db.corp.internal:5432:shop:app:{p}\n"),
    (".pgpass", "*:*:*:app:{p}\n"),
    (".my.cnf", "[client]\nuser=app\npassword={p}\n"),
    (".netrc", "machine api.corp.internal login app password {p}\n"),
    (".netrc", "machine api.corp.internal\n  login app\n  password {p}\n"),
    (".pypirc", "[corp]\nusername = app\npassword = {p}\n"),
    (".npmrc", "//npm.corp.internal/:_authToken={t}\n"),
    (".npmrc", "//npm.corp.internal/:_password={b}\n"),
    ("corp.rdp", "username:s:app\npassword 51:b:{w}\n"),
    ("ultravnc.ini", "[ultravnc]\npasswd={h}\n"),
    ("vnc.reg", "\"Password\"=hex:3d,1b,7a,90,c4,e2,f6,85\n"),
    ("WinSCP.ini", "UserName=app\nPassword=A35C{h}\n"),
    ("sitemanager.xml", "<User>app</User><Pass encoding=\"base64\">{b}</Pass>"),
    ("robomongo.json", "{\"userName\":\"app\",\"userPassword\":\"{p}\"}"),
    ("data-sources.json", "{\"configuration\":{\"user\":\"app\",\"password\":\"{p}\"}}"),
    (".vscode/sftp.json", "{\"host\":\"web\",\"username\":\"app\",\"password\":\"{p}\"}"),
    ("credentials.xml", " <password>{AQAAABAAAAAQ{t}{t}=}</password>\n"),
    ("etc/shadow", "app:$1$salt7Qx2${c22}:19000:0:99999:7:::\n"),
    ("etc/shadow", "app:$5$salt7Qx2${c43}:19000:0:99999:7:::\n"),
    ("etc/shadow", "app:$6$salt7Qx2${c86}:19000:0:99999:7:::\n"),
    ("etc/shadow", "app:$y$j9T$salt7Qx2salt${c43}:19000:0:99999:7:::\n"),
    (".htpasswd", "app:$apr1$salt7Qx2${c22}\n"),
    ("etc/shadow", "app:{c13}:17000:0:99999:7:::\n"),
    ("config/master.key", "{h}\n"),
    ("config/credentials/production.key", "{h}"),
    ("secrets/master.key", "{h}{h}{h}{h}{h}{h}{h}{h}"),
    (".netrc", "default login app password {p}\n"),
    ("office.vnc", "[Connection]\nHost=10.0.0.5\nPassword=1b7a90c4e2f68503\n"),
    ("filezilla server.xml", "<Item name=\"Admin Password\" type=\"string\">{p}</Item>\n"),
    ("unattend.xml", "<Password>\n <Value>{p}</Value>\n <PlainText>true</PlainText>\n</Password>"),
    ("wpa_supplicant.conf", "network={\n  ssid=\"corp\"\n  psk=\"{p}\"\n}\n"),
    ("corp.nmconnection", "[wifi-security]\npsk={p}\n"),
    ("app/build.gradle", "buildConfigField \"String\", \"API_KEY\", \"\\\"{t}\\\"\"\n"),
    ("pgpass.conf", "db.corp.internal:5432:*:app:{p}\n"),
    ("a.properties", "url=jdbc:mysql://db/shop?user=app&password={p}\n"),
    // Files whose place says what they are.
    ("home/.vnc/passwd", "\u{1}\u{12}K8m\u{7}q\u{5}"),
    (
        "root/.mylogin.cnf",
        "\0\0\0\0\u{1}\u{1f}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\u{9}\u{b}\u{c}\u{e}\u{f}\u{10}\u{11}\u{12}\u{13}\u{14}\u{15}\u{10}\0\0\0q8Zk2Lw9mX4vT7bN",
    ),
    (
        ".dbeaver/credentials-config.json",
        "\u{1}\u{12}K8m\u{7}q\u{5}\u{1}\u{12}K8m\u{7}q\u{5}\u{1}\u{12}K8m\u{7}q\u{5}\u{1}\u{12}K8m\u{7}q\u{5}",
    ),
    // A provider's name alone, and its block.
    (".env", "ZENROWS={h}a1b2c3d4\n"),
    ("a.yml", "datadog:\n  enabled: true\n  site: eu\n  api_key: {h}\n"),
    ("a.json", "{\n  \"mailgun\": {\n    \"region\": \"eu\",\n    \"apiKey\": \"{h}\"\n  }\n}"),
    // Databases.
    ("init.sql", "CREATE USER 'app'@'%' IDENTIFIED BY '{p}';"),
    ("init.sql", "alter user app identified by {p} container=all;"),
    ("init.sql", "CREATE ROLE app WITH LOGIN ENCRYPTED PASSWORD '{p}';"),
    ("init.sql", "CREATE LOGIN app WITH PASSWORD = N'{p}';"),
    ("a.java", "DriverManager.getConnection(\"jdbc:mysql://db/shop\", \"app\", \"{p}\");"),
    ("a.php", "$db = mysqli_connect(\"db.corp.internal\", \"app\", \"{p}\", \"shop\");"),
    ("a.php", "$db = new PDO('mysql:host=db;dbname=shop', 'app', '{p}');"),
    // Calls that take a user and a password.
    ("a.cs", "new NetworkCredential(\"app@corp.internal\", \"{p}\");"),
    ("a.py", "requests.get(url, auth=HTTPBasicAuth(\"app\", \"{p}\"))"),
    ("a.py", "requests.get(url, auth=(\"app\", \"{p}\"))"),
    ("a.java", "new UsernamePasswordCredentials(\"app\", \"{p}\")"),
    ("a.java", "new PasswordAuthentication(\"app\", \"{p}\".toCharArray())"),
    ("a.go", "req.SetBasicAuth(\"app\", \"{p}\")"),
    ("a.py", "server.login(\"app@corp.internal\", \"{p}\")"),
    ("a.ps1", "$pw = ConvertTo-SecureString \"{p}\" -AsPlainText -Force"),
    // Markup.
    ("a.xml", "<settings>\n <password>\n   {p}\n </password>\n</settings>"),
    ("a.xml", "<param>\n <name>db.password</name>\n <value>{p}</value>\n</param>"),
    ("a.plist", "<key>password</key>\n<string>{p}</string>"),
    ("strings.xml", "<string name=\"api_secret\">{t}</string>"),
    ("web.config", "<add connectionString=\"Server=db;User Id=app;Password={p};\"/>"),
    ("a.html", "<input type=\"password\" name=\"pw\" value=\"{p}\">"),
    // Comments and notes.
    ("a.py", "# password = \"{p}\""),
    ("a.js", "// const password = \"{p}\";"),
    ("a.yml", "#  password: {p}\n"),
    ("a.html", "<!-- password: {p} -->"),
    ("a.txt", "client secret {t}\n"),
    ("a.txt", "API key: {t}\n"),
    ("a.c", "if (\"{p}\" == password) {"),
    // Kubernetes and its like.
    ("secret.yaml", "kind: Secret\ndata:\n  password: {b}\n"),
    ("secret.yaml", "kind: Secret\nstringData:\n  password: {p}\n"),
    ("d.yaml", "- name: DB_PASSWORD\n  value: {p}\n"),
    ("d.yaml", "env: [{name: DB_PASSWORD, value: \"{p}\"}]"),
    ("v.tf", "variable \"db_password\" {\n  type    = string\n  default = \"{p}\"\n}\n"),
    ("hosts.ini", "web ansible_host=10.0.0.5 ansible_ssh_pass={p}\n"),
    ("compose.yml", "    environment:\n      - MYSQL_ROOT_PASSWORD={p}\n"),
    ("Dockerfile", "ENV DB_PASSWORD {p}\n"),
    ("out.txt", "Key         Value\n---         -----\npassword    {p}\nusername    app\n"),
    // What was typed.
    (".bash_history", "vault kv put secret/shop password={p}\n"),
    ("a.sh", "curl -s --user \"app:{p}\" https://api.corp.internal/\n"),
    ("a.sh", "sshpass -v -p '{p}' ssh app@web\n"),
    ("a.sh", "mysql -u root -p{p} shop\n"),
    ("a.sh", "mysql --user=root --password={p} shop\n"),
    ("a.sh", "PGPASSWORD={p} psql -h db -U app shop\n"),
    ("a.sh", "redis-cli -h cache -a {p} ping\n"),
    ("a.sh", "mongo -u app -p {p} --authenticationDatabase admin\n"),
    ("a.sh", "ldapsearch -x -D \"cn=admin,dc=corp\" -w {p} -b dc=corp\n"),
    ("a.sh", "smbclient //srv/share -U app%{p}\n"),
    ("a.sh", "sqlcmd -S db -U sa -P {p} -Q \"select 1\"\n"),
    ("a.sh", "echo {p} | sudo -S apt update\n"),
    ("a.sh", "echo 'app:{p}' | chpasswd\n"),
    ("a.sh", "htpasswd -bc .htpasswd app {p}\n"),
    ("a.sh", "az login --service-principal -u app -p {p} --tenant t\n"),
    // Frameworks.
    (".env", "RAILS_MASTER_KEY={h}\n"),
    ("wp-config.php", "define( 'DB_PASSWORD', '{p}' );"),
    ("settings.py", "SECRET_KEY = '{t}{t}'"),
    // Requests, plain and recorded.
    ("a.http", "Authorization: Basic {b}\n"),
    ("a.yaml", "      Authorization:\n      - Bearer {t}\n"),
    ("a.yaml", "      Authorization:\n      - token {t}\n"),
    ("a.yaml", "      X-Api-Key:\n      - {t}\n"),
    ("a.har", "{\"name\": \"X-Api-Key\", \"value\": \"{t}\"}"),
    ("a.txt", "https://api.corp.internal/v1?api_key={t}&x=1"),
    ("a.txt", "ldaps://cn=admin:{p}@ldap.corp.internal/"),
    // Values that say little by themselves.
    ("a.yml", "api_key: {u}\n"),
    (".env", "API_TOKEN={p}\n"),
    ("a.py", "\"key\": \"{t}{p}\""),
    ("a.env", "db_pass = m{{h}o)p${e]n{p}\n"),
    ("a.txt", "X_API_KEY   ' : '= \"  = {t}\n"),
    // Languages.
    ("a.bas", "Dim password As String = \"{p}\""),
    ("a.erl", "{password, \"{p}\"}"),
    ("a.h", "#define PASSWORD \"{p}\""),
    ("CMakeLists.txt", "set(DB_PASSWORD \"{p}\")"),
    ("a.gradle", "    password \"{p}\"\n"),
    ("a.py", "senha = \"{p}\""),
    ("a.py", "secreto = \"{t}\""),
    // Devices of networks.
    ("router.cfg", "username app privilege 15 secret 5 $1$sa7Q${c22}\n"),
    ("router.cfg", "username app password 7 094F471A1A0A1F0E\n"),
    ("router.cfg", "enable password {p}\n"),
    ("router.cfg", "crypto isakmp key {p} address 10.0.0.1\n"),
    ("router.cfg", "snmp-server community {p} RO\n"),
    ("snmpd.conf", "rocommunity {p} 10.0.0.0/8\n"),
    ("junos.conf", "pre-shared-key ascii-text \"$9${c22}\"; ## SECRET-DATA\n"),
    ("etc/ppp/chap-secrets", "app pptpd {p} 10.0.0.2\n"),
    ("etc/ppp/chap-secrets", "# client server secret addresses\napp\t*\tblue-harbor\t*\n"),
    (".htpasswd", "app:xx{c13}\n"),
    // Settings of programs, dumps and templates.
    ("app.config", "<setting name=\"SmtpPassword\" serializeAs=\"String\">\n  <value>{p}</value>\n</setting>"),
    ("web.config", "<add key=\"Smtp:Password\" value=\"{p}\"/>"),
    ("stack.yaml", "Parameters:\n  DbPassword:\n    Type: String\n    NoEcho: true\n    Default: {p}\n"),
    ("stack.json", "{\"DbPassword\": {\"Type\": \"String\", \"Default\": \"{p}\"}}"),
    ("dump.sql", "INSERT INTO `wp_options` VALUES (12,'mailserver_pass','{p}','yes');"),
    ("fix.sql", "UPDATE wp_options SET option_value='{p}' WHERE option_name='mailserver_pass';"),
    ("fix.sql", "DECLARE @password varchar(20) = '{p}';"),
    ("users.csv", "id,smtp_password,host\n1,{p},mail\n"),
    ("settings.csv", "name,value\nsmtp_password,{p}\n"),
    ("notes.md", "| SMTP password | {p} |\n"),
    ("notes.txt", "SMTP password - `{p}`\n"),
    ("a.html", "<!-- SMTP password: {p} -->"),
    ("a.ipynb", "{\"text\": [\"DB_PASSWORD={p}\\n\"]}"),
    ("a.yml", "password: >-\n  {p}\n"),
    ("a.yml", "password: &pw {p}\n"),
    ("A.java", "@Value(\"${app.db.password:{p}}\")"),
    ("A.java", "String password =\n    \"{p}\";"),
    ("a.py", "password = (\n    \"{p}\"\n)"),
    ("a.py", "parser.add_argument(\"--password\", type=str, default=\"{p}\")"),
    ("a.py", "password: str = Field(default=\"{p}\")"),
    ("a.ts", "const o = { password: { value: \"{p}\" } };"),
    ("a.go", "var password string = \"{p}\""),
    ("a.cs", "var settings = new D { { \"Password\", \"{p}\" }, };"),
    ("a.pl", "$ENV{DB_PASSWORD} = \"{p}\";"),
    ("a.pl", "    db_password => q{{p}},"),
    ("a.lua", "config.dbPassword = [[{p}]]"),
    ("a.m", "#define DB_PASSWORD @\"{p}\""),
    ("a.fish", "set -gx DB_PASSWORD {p}\n"),
    ("a.clj", "(def db-password \"{p}\")"),
    ("a.bat", "setx DB_PASSWORD \"{p}\"\n"),
    ("a.sh", "curl -u {t}: https://api.corp.internal/v1\n"),
    ("a.sh", "aws ssm put-parameter --name /shop/db --value {p} --type SecureString\n"),
    ("a.sh", "gh secret set DB --body \"{p}\"\n"),
    // The module of a provider makes a client.
    ("a.go", "client := zenrows.NewClient(\"{h}a1b2c3d4\")"),
];

/// Path and text of files that hold none.
const NONE: &[(&str, &str)] = &[
    ("config/master.key", "md5 {h}\n"),
    ("assets/picture.key", "{h}\n"),
    ("checksums/md5", "{h}\n"),
    ("login.sh", "login --password-file secrets/password.txt7\n"),
    ("test.log", "--- PASS: TestHostIPv4BridgeLabel (0.60s)\n"),
    ("vendor.json", "{\"path\": \"github.com/dnsimple/dnsimple-go\", \"revision\": \"{h}a1b2c3d4\"}\n"),
    ("a.yml", "- uses: checkmarx/ast-github-action@{h}a1b2c3d4 # v2\n"),
    ("yarn.lock", "resolved \"https://registry.acme.example/crowdin-cli/-/crowdin-cli-0.3.0.tgz#{h}a1b2c3d4\"\n"),
    ("a.log", "host=myapp.herokuapp.com request_id={u} fwd=\"10.0.0.1\"\n"),
    ("a.sh", "GITHUB_TOKEN_RE='ghp_[a-zA-Z0-9]{36}'\nTOKEN=cfut_7kQ2w9zB\n"),
    ("a.py", "password = password.encode('latin1')"),
    (".pgpass", "# hostname:port:database:username:password\n*:*:*:postgres:password\n"),
    (".my.cnf", "[client]\nuser=app\npassword=\n"),
    (".netrc", "machine api.corp.internal login app password secret\n"),
    ("corp.rdp", "full address:s:ts.corp.internal\nprompt for credentials:i:1\n"),
    ("vnc.reg", "\"RfbPort\"=dword:0000170c\n"),
    ("sitemanager.xml", "<Pass encoding=\"base64\"></Pass>"),
    (".vscode/sftp.json", "{\"privateKeyPath\":\"~/.ssh/id_rsa\",\"passphrase\":true}"),
    ("credentials.xml", "<password></password>\n<usernameSecret>false</usernameSecret>"),
    ("etc/shadow", "daemon:*:19000:0:99999:7:::\nsshd:!:19000::::::\n"),
    ("init.sql", "CREATE USER app IDENTIFIED BY 'password';"),
    ("init.sql", "CREATE USER app IDENTIFIED BY :pw;"),
    ("a.md", "Users are identified by username in the log.\n"),
    ("a.md", "Issues identified in the review by someone-else7 and others.\n"),
    ("a.json", "{\"app/src/routes/auth.ts\": \"{h}\"}\n"),
    ("a.cs", "new NetworkCredential(\"user\", \"password\");"),
    ("a.py", "requests.get(url, auth=(\"user\", \"pass\"))"),
    ("a.py", "HTTPBasicAuth(\"user\", os.environ[\"PASSWORD\"])"),
    ("a.go", "ok := CheckPassword(\"password\", \"something\")"),
    ("a.js", "cy.login(\"admin\", \"dashboard\")"),
    ("a.php", "$db = mysqli_connect(\"localhost\", \"root\", \"\", \"shop\");"),
    ("a.xml", "<password>\n  ${db.password}\n</password>"),
    ("a.xml", "<name>db.password</name>\n<value>${db.password}</value>"),
    ("strings.xml", "<string name=\"forgot_password\">Forgot your password?</string>"),
    ("a.html", "<input type=\"password\" placeholder=\"Password\">"),
    ("a.py", "# password = getpass.getpass()"),
    ("a.yml", "# password: the password of the user\n"),
    (
        "d.yaml",
        "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db-credentials\n      key: password\n",
    ),
    ("v.tf", "variable \"db_password\" {\n  description = \"Password of the database\"\n}\n"),
    ("a.yml", "ansible_become_pass: \"{{ vault_become_pass }}\"\n"),
    ("compose.yml", "POSTGRES_PASSWORD_FILE: /run/secrets/db_password\n"),
    ("Dockerfile", "ARG NPM_TOKEN\nENV NPM_TOKEN=$NPM_TOKEN\n"),
    ("out.txt", "Key         Value\n---         -----\nttl         768h\n"),
    ("a.sh", "mysql -u root -p shop\n"),
    ("a.sh", "curl -u \"$USER:$PASS\" https://api.corp.internal\n"),
    ("a.sh", "curl -u user:password https://api.corp.internal\n"),
    ("a.sh", "sshpass -e ssh app@web\n"),
    ("a.sh", "mongo -u app -p --authenticationDatabase admin\n"),
    ("a.sh", "mkdir -p build/output && zip -r a.zip a && ssh -p 2222 app@web\n"),
    ("a.yml", "secret_key_base: <%= ENV[\"SECRET_KEY_BASE\"] %>\n"),
    ("settings.py", "SECRET_KEY = 'change-me-in-production'"),
    ("wp-config.php", "define('AUTH_KEY', 'put your unique phrase here');"),
    ("a.http", "WWW-Authenticate: Basic realm=\"x\"\n"),
    ("a.yml", "Authorization:\n  - Bearer <token>\n"),
    ("a.txt", "postgres://user:pass@host/db"),
    ("a.yml", "tenant_id: {u}\n"),
    (".secrets.baseline", "{\"type\": \"Secret Keyword\", \"hashed_secret\": \"{h}a1b2c3d4\", \"is_verified\": false}"),
    (
        ".secrets.baseline",
        "{\"type\": \"Hex High Entropy String\", \"filename\": \"src/datadog_app_key.py\", \"hashed_secret\": \"{h}a1b2c3d4\"}",
    ),
    ("package-lock.json", "\"integrity\": \"sha512-{t}{t}{t}==\""),
    ("de.json", "\"password\": \"Passwort\", \"forgotPassword\": \"Passwort vergessen?\""),
    ("a.yml", "password:\n  type: string\n  format: password\n"),
    ("a.py", "password = get_secret(\"db/password\")"),
    ("a.tf", "secret = \"arn:aws:secretsmanager:us-east-1:123456789012:secret:db-Ab12Cd\""),
    ("a.yml", "token: ${{ secrets.GITHUB_TOKEN }}\n"),
    ("a.yml", "password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n"),
    ("a.yml", "password: vault:secret/data/db#password\n"),
    ("a.yml", "password: cGFzc3dvcmQ=\n"),
    ("a.ini", "password_recovery_replyto = \"no-reply@{DOMAIN}\"\n"),
    ("a.py", "muted_pass_color = \"#54d283\""),
    ("a.kt", "const val PREFERENCE_PASSCODE_D1 = \"PrefPinCode1\""),
    ("a.py", "\"\"\"under the tenant identified by `tenant_id2`. The scan\"\"\""),
    ("a.json", "\"Resources\": [\"arn:aws:rds:*:*:cluster:*\", \"arn:aws:s3:::x9\"]"),
    ("intl.json", "\"Month_Long_StandAlone_8\": \"a\u{16d}gusto\",\n\"Month_Long_StandAlone_9\": \"septembro\","),
    ("a.yml", "db_password: ${DB_PASSWORD:?set it}\n"),
    ("a.yml", "secret: ${secret:shop/db-password2}\n"),
    ("api.yml", "password:\n  type: string\n  minLength: 8\nuser:\n  default: kT9xw2Qv77\n"),
    ("a.c", "init(password, kT9xw2Qv77);\n"),
    ("a.go", "go get golang.org/x/oauth2 {h}a1b2c3d4\n"),
    (".vnc/passwd", ""),
    (".vnc/passwd", "This is no password file but a note about one.\n"),
    ("SHA256SUMS", "{h}{h}  datadog-agent.tar.gz\n{h}  twilio.zip\n"),
    ("a.html", "<link rel=stylesheet href=\"/assets/datadog-{h}.css\">"),
    ("a.log", "datadog token refreshed request_id={h} done\n"),
    ("a.txt", "heroku says ETag: \"{h}\"\n"),
    ("a.env", "ACME_PASSWORD=a1b2c3d4e5f6\nDB_PASSWORD=override-me\nAPP_SECRET=tu-clave-aqui\nTOKEN=votre_cle\n"),
    ("a.sh", "sed -i -e 's/^secret-key:.*$/secret-key: '\"'$KEY'\"'/' a.yml\n"),
    ("a.py", "new_password = \"newpassword\"; password = 'abc123'; pw = '123123'"),
];

/// Path and text of files that hold what everybody may have, or what is most likely something else: found, and not shown unless
/// asked for.
const WEAK: &[(&str, &str)] = &[
    ("a.js", "docsearch({ apiKey: '{h}', indexName: 'shop', appId: 'K2V9QX1TB7' });"),
    ("a.js", "const searchOnlyApiKey = '{t}abcd';"),
    (".env", "TYPESENSE_SEARCH_ONLY_API_KEY={t}\n"),
    ("a.js", "datadogRum.init({ clientToken: 'pub{h}', site: 'datadoghq.eu' });"),
    ("sources.json", "{\n \"asana\": \"{h}a1b2c3d4\",\n \"airbrake\": \"{h}d4c3b2a1\"\n}"),
    ("a.py", "PASSWORD_ADMINISTRATOR = \"{u}\""),
    ("lang/eu.json", "\"SmtpPassword\": \"SMTP pasahitz2\""),
    ("res/values-br/strings.xml", "<string name=\"unset_password\">kQ7z {p}</string>"),
];

/// A text with its fields filled, and the value of the last of them.
fn filled(text: &str, rng: &mut Rng) -> (String, String) {
    let string = |bytes: Vec<u8>| String::from_utf8(bytes).expect("ASCII");
    let password = ["k", "T", "9"].concat() + &string(rng.text(ALPHANUMERIC, 7));
    let hexadecimal = string(rng.text(b"0123456789ABCDEF", 32));
    let pair = Encoding::Base64 { url_safe: false, padded: true }.encode(format!("app:{password}").as_bytes());
    let lower = hexadecimal.to_lowercase();
    let uuid = [&lower[..8], &lower[8..12], "4f08", &lower[12..16], &lower[16..28]].join("-");
    let fields = [
        ("{p}", password),
        ("{t}", string(rng.text(ALPHANUMERIC, 28))),
        ("{h}", if text.contains("A35C") || text.contains("passwd=") { hexadecimal } else { lower }),
        ("{b}", string(pair)),
        ("{u}", uuid),
        ("{w}", ["01000000D08C9DDF", &string(rng.text(b"0123456789ABCDEF", 120))].concat()),
        ("{c13}", string(rng.text(ALPHANUMERIC, 13))),
        ("{c22}", string(rng.text(ALPHANUMERIC, 22))),
        ("{c43}", string(rng.text(ALPHANUMERIC, 43))),
        ("{c86}", string(rng.text(ALPHANUMERIC, 86))),
    ];
    let mut filled = text.to_owned();
    let mut value = String::new();
    for (field, with) in fields {
        if filled.contains(field) {
            filled = filled.replace(field, &with);
            value = with;
        }
    }
    (filled, value)
}

/// The secrets found in each file, at any confidence.
fn found(files: &[(&str, String)]) -> BTreeMap<usize, BTreeSet<String>> {
    found_from(files, "low")
}

/// The secrets found in each file, from a confidence on.
fn found_from(files: &[(&str, String)], least: &str) -> BTreeMap<usize, BTreeSet<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, (path, text)) in files.iter().enumerate() {
        let path = folder.path().join(number.to_string()).join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, text).expect("written");
    }
    let arguments = ["scan", "--no-ignore", "--confidence", least, "--format", "jsonl", "--show-secrets", "."];
    let run = deadkey(folder.path(), &arguments);
    let mut found = BTreeMap::<usize, BTreeSet<String>>::new();
    for finding in run.json_lines() {
        let secret = finding["secret"].as_str().expect("a secret");
        for place in finding["places"].as_array().expect("places") {
            let path = place["path"].as_str().expect("a path").trim_start_matches("./");
            let number = path.split('/').next().and_then(|number| number.parse().ok()).expect("a number");
            found.entry(number).or_default().insert(secret.to_owned());
        }
    }
    found
}

#[test]
fn credentials_are_found_in_every_form_once() {
    let mut rng = Rng::new(0xf0);
    let (files, values): (Vec<_>, Vec<_>) = HELD
        .iter()
        .map(|(path, text)| {
            let (text, value) = filled(text, &mut rng);
            ((*path, text), value)
        })
        .unzip();
    let found = found(&files);
    let mut faults = Vec::new();
    for (number, value) in values.iter().enumerate() {
        let (form, secrets) = (HELD[number], found.get(&number));
        match secrets.map(BTreeSet::len) {
            None => faults.push(format!("not found: {form:?}")),
            Some(1) => {
                let secret = secrets.and_then(BTreeSet::first).expect("one");
                let written = secret.contains(value.as_str()) || value.contains(secret.as_str());
                // A binary value is named by its bytes in the text.
                if !value.is_empty() && !written {
                    faults.push(format!("another value: {form:?}"));
                }
            }
            Some(count) => faults.push(format!("{count} findings: {form:?}")),
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), HELD.len(), faults.join("\n"));
}

#[test]
fn what_looks_like_credentials_is_none() {
    let mut rng = Rng::new(0xf1);
    let files: Vec<_> = NONE.iter().map(|(path, text)| (*path, filled(text, &mut rng).0)).collect();
    let alarms: Vec<_> = found(&files).into_keys().map(|number| format!("{:?}", NONE[number])).collect();
    assert!(alarms.is_empty(), "{} of {}:\n{}", alarms.len(), NONE.len(), alarms.join("\n"));
}

/// Between two entries stands one line end, which ends the first and begins the second: every other entry was passed over.
#[test]
fn every_entry_of_a_secret_manifest_is_found() {
    let mut rng = Rng::new(0xf2);
    for end in ["\n", "\r\n"] {
        let values: BTreeSet<String> = (0..5).map(|_| filled("{b}", &mut rng).0).collect();
        let entries: String =
            values.iter().enumerate().map(|(number, value)| format!("  entry{number}: {value}{end}")).collect();
        let json = |end: &str| values.iter().map(|value| format!("\"e\": \"{value}\",{end}")).collect::<String>();
        let files = [
            ("secret.yaml", format!("kind: Secret{end}data:{end}{entries}")),
            ("secret.yaml", format!("data:{end}{entries}kind: Secret{end}")),
            ("secret.json", format!("{{\"data\": {{{}\"f\": \"\"}}, \"kind\": \"Secret\"}}", json(" "))),
            ("secret.json", format!("{{\"kind\":\"Secret\",{end}\"data\": {{{end}{}\"f\": \"\"}}}}", json(end))),
        ];
        let found = found(&files);
        for (number, file) in files.iter().enumerate() {
            let of_file = found.get(&number).into_iter().flatten();
            let whole = of_file.filter(|secret| values.contains(*secret)).count();
            assert_eq!(whole, values.len(), "{file:?}: {found:?}");
        }
    }
}

#[test]
fn what_everybody_may_have_is_low() {
    let mut rng = Rng::new(0xf2);
    let files: Vec<_> = WEAK.iter().map(|(path, text)| (*path, filled(text, &mut rng).0)).collect();
    let shown: Vec<_> = found_from(&files, "medium").into_keys().map(|number| WEAK[number]).collect();
    assert!(shown.is_empty(), "shown: {shown:?}");
    let found = found(&files);
    let missed: Vec<_> = (0..WEAK.len()).filter(|number| !found.contains_key(number)).map(|n| WEAK[n]).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
}
