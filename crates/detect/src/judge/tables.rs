//! Letter statistics of words in public source text, and its most frequent words: generated, see [`super::likelihood`].

/// For each pair of letters, how much more often than by chance the second follows the first inside words: log2 of the
/// ratio, in quarters of a bit.
#[rustfmt::skip]
pub(super) const BIGRAMS: [i8; 26 * 26] = [
    -15, 1, 4, 2, -18, -9, -1, -25, 1, -22, -7, 7, 0, 6, -32, 0, -24, 6, 3, 9, -4, -5, -12, -14, -5, -17,
    7, -6, -4, -7, 8, -11, -21, -16, 4, -5, -19, 10, -8, -14, 5, -14, -23, 1, 2, -7, 6, -20, -32, -28, -4, -26,
    6, -17, -2, -13, 7, -16, -23, 6, 0, -29, 3, 1, -14, -22, 10, -16, -21, 1, -8, 7, 0, -23, -22, -30, -8, -32,
    4, -10, -10, 0, 13, -11, -11, -19, 10, -14, -20, -2, -13, -10, 3, -13, -28, -3, 3, -13, 1, -10, -19, -18, -7, -32,
    1, -11, 3, 8, -4, -3, -6, -16, -11, -20, -22, 1, -1, 6, -13, -2, -8, 9, 8, 1, -15, -4, -9, 0, -12, -25,
    6, -11, -9, -11, 7, 5, -16, -32, 11, -32, -24, 2, -17, -18, 8, -18, -23, 1, -7, -2, 2, -32, -22, -26, -2, -27,
    3, -18, -12, -27, 11, -14, 1, 3, 7, -32, -20, -1, -7, 3, 2, -15, -28, 6, 2, -9, 3, -18, -21, -29, -12, -14,
    10, -15, -16, -14, 12, -32, -30, -23, 7, -32, -22, -11, -7, -10, 8, -16, -24, 1, -9, 2, -2, -27, -32, -32, -7, -26,
    -2, -5, 3, 0, 0, -2, 0, -32, -22, -31, -15, 2, 0, 12, 5, -4, -19, -2, 3, 5, -23, -1, -32, -9, -32, -4,
    7, -18, -32, -9, 13, -32, -32, -15, -4, -32, -32, -32, -12, -32, 9, -1, -16, -32, 5, -32, 8, -10, -4, -32, -32, -32,
    1, -16, -17, -4, 14, -7, -5, -25, 9, -32, -22, -6, -15, 0, -7, -10, -18, -20, 8, -7, -2, -23, -6, -32, -10, -27,
    6, -13, -12, -1, 10, -11, -17, -19, 9, -32, -15, 6, -18, -17, 7, -9, -32, -17, -1, -1, 0, -9, -18, -32, 4, -32,
    10, -2, -21, -12, 11, -22, -18, -32, 7, -24, -16, -6, 0, -14, 5, 8, -22, -32, -2, -13, -1, -22, -28, -28, -12, -26,
    3, -19, 3, 5, 5, -4, 9, -15, 1, -18, -8, -8, -13, -4, 0, -14, -22, -14, 6, 9, -5, -5, -21, -28, -10, -26,
    -5, -5, 0, 0, -12, -7, -5, -23, -5, -17, -6, 2, 3, 10, -2, 1, -32, 8, 0, 1, 3, -1, 1, -14, -14, -23,
    7, -22, -15, -8, 8, -18, -13, -7, 1, -32, -16, 6, -15, -17, 6, 3, -32, 9, -1, 3, 0, -22, -21, -28, -9, -32,
    -10, -32, -32, -10, -15, -32, -32, -15, -19, -32, -32, 1, -32, -32, -14, -11, -32, -32, -9, -14, 18, -32, -15, -32, -16, -32,
    6, -14, -4, -3, 12, -9, -5, -23, 6, -32, -6, -7, -1, -4, 5, -11, -32, -2, 3, 2, -3, -7, -12, -32, -1, -32,
    0, -23, 1, -15, 10, -10, -19, 2, 6, -32, -7, -5, -9, -10, 1, 1, -16, -14, 5, 10, 3, -18, -9, -24, -5, -32,
    5, -21, -4, -13, 11, -12, -20, 3, 10, -32, -31, -5, -14, -17, 3, -11, -32, 5, 3, -1, -2, -31, -11, -19, -2, -32,
    0, 1, 1, -4, 2, -7, -3, -32, 0, -32, -31, 5, 2, 8, -10, 3, -32, 7, 6, 7, -18, -32, -32, -14, -32, -22,
    9, -19, -13, -24, 15, -32, -13, -27, 9, -32, -32, -20, -18, -18, 1, -19, -32, -30, -16, -20, -17, -19, -32, -30, -20, -23,
    10, -27, -32, -8, 7, -32, -18, 6, 8, -32, -14, -5, -32, 5, 7, -18, -32, 5, 2, -14, -32, -32, -5, -27, -29, -32,
    2, -12, 6, -8, 7, -8, -32, -8, 7, -24, -32, -16, -5, -18, -17, 11, -32, -32, -9, 9, -17, -32, -32, -1, -5, -32,
    -3, -5, -2, -14, 5, -10, -11, -21, 6, -21, -21, 0, 3, 5, 3, 8, -32, -5, 8, 3, -15, -32, -2, -32, -6, -6,
    2, -32, -14, -10, 16, -20, -32, -32, 6, -32, -32, -10, -32, -18, 4, -19, -32, -32, -8, -32, -7, -32, -32, -14, -3, -4,
];

/// One bit for each triple of letters: whether it is among those that make up 96.5 % of the triples inside words.
#[rustfmt::skip]
pub(super) const TRIGRAMS: [u64; 275] = [
    0x594011245C000001, 0x0000004916C650B0, 0x00006315102000C0, 0x0100000E38000000, 0x1357B77D40401100,
    0x00000471957404D9, 0x7C00000003206440, 0x106D51C6594439F5, 0x100104440C284807, 0x4912000040004000,
    0x20E280E400000004, 0x0000000808000000, 0x00000000E29FD000, 0x8480000000000000, 0x0000000000040082,
    0x0000001004410444, 0x000000BE48090000, 0x1400104440000000, 0xC216400000040840, 0x0000000000000000,
    0x0000008800000000, 0x000000001EB80600, 0xB9B8000000010401, 0x4000000000000006, 0x00000EB039049C44,
    0x0410444544951000, 0x8480000000000008, 0x100000040000036F, 0x4440400004010444, 0x0000000E18002512,
    0x0400000000000000, 0xEA00200000000000, 0x4000000100000010, 0x00000AEB83F01824, 0xD000000000001000,
    0x000004000003E607, 0x0000100400044000, 0x00005A3014000000, 0x0010444000000001, 0x8150000200000000,
    0x0000000000404029, 0x0000020000000000, 0x5000042EBC0E0000, 0x0805005611E4D910, 0x2511107924C40EB4,
    0x402A204000100051, 0x324E400000000000, 0x00F105F404C1134B, 0x0000039244412802, 0x51CE1945BBE5DC10,
    0x0444040010578065, 0x0220454064891001, 0xD040000000440000, 0x00000000000003C1, 0x4C04E00150000000,
    0x0000000000000102, 0x0000000008A28540, 0x0000004104440000, 0x0012680400000000, 0x1044400000000000,
    0x0100004000001000, 0x000000000000E280, 0x0000100000000000, 0x00000A2904000000, 0x0000000000000000,
    0x11000000008E3008, 0x2C60240202040020, 0x4400000000000000, 0x0144440000104010, 0x0000000002A41000,
    0x0000000104440000, 0x0002191100002000, 0x0000000000000000, 0xA000040000000000, 0x000000000002EA90,
    0x18E390D000000000, 0x0000000000000000, 0x00000002EA87C000, 0x0114000400000000, 0x5EF9080000400000,
    0x0400000000000000, 0x3040000000000010, 0x0000000000830020, 0x0000000000000000, 0x400C284200000000,
    0x084651E4D9104824, 0x142004C46E280807, 0x000000000001621D, 0x4000110000000000, 0xBFF4109111470246,
    0x03220441228080F3, 0x5B50394474100000, 0x00100047926540CF, 0x4400000000000444, 0x0004440000000200,
    0x0000000002020000, 0x0000400000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
    0x0102000000000000, 0x0000000000000002, 0x0000004000000000, 0x0000000042000000, 0x0000000000000000,
    0x0000400000000000, 0x4000000000000000, 0x0000010E28180000, 0x1000000000200000, 0x00000000000000A8,
    0x0000000000000000, 0x0000000000000100, 0x0000000000000000, 0x8000000000000000, 0x0000001000000000,
    0x0000000000000000, 0x00000071EB146000, 0x87D0108440100000, 0x0040000000000AE3, 0x0022CB47F0010000,
    0x11044C0000000000, 0x4700000000000004, 0x0000000002415EE0, 0x4400401000000400, 0x000400E105901006,
    0x0000000000000100, 0xAF4C000000200010, 0x000000000104418E, 0x00004E780D000000, 0x0000000000000000,
    0x00800000028E384C, 0x1041110000400000, 0x4443E200C0000001, 0x0000000000000792, 0x0000000000000400,
    0x0000000000000C38, 0x0000000000000000, 0x000002AB84600000, 0xD01324451A499100, 0x09100012440EE285,
    0x28DF83400000441E, 0x0440042010000004, 0x0010440000011401, 0x00004000045E6008, 0x58C9310000040100,
    0x4448C981145926C4, 0x0000000000000010, 0x0800000004810000, 0xC451503028440A08, 0x8004000045104441,
    0x0000006695002004, 0x0000004000200C00, 0xD1130D1246414011, 0x40EAC484B1E5F400, 0x757C000000473444,
    0x03106440C011053A, 0x91000004440EA84E, 0x0010004000400042, 0x0011E294E0000000, 0x0000040000000000,
    0x0000000000E681D0, 0x2A81C00000440200, 0x4400004000000000, 0x0000000001044104, 0x000924404EE90000,
    0x0090001044400000, 0x00E0802451064000, 0x0000000000000000, 0x0000000020000000, 0x0000000000000000,
    0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
    0x0000000000000000, 0x0000000000000000, 0x0000000000411100, 0x0000000000000000, 0x56EB96E000000000,
    0x0440000191001040, 0x00120047FFA7F010, 0x87F0000000140111, 0x04011000000022CF, 0x4440401114000464,
    0x090001FEFE6F0100, 0x9544104440000000, 0x4A81445006440841, 0x0002010100004440, 0x0000008810000000,
    0x100000012A386600, 0xB87D000000012419, 0x400000004104402F, 0x00022E785E041044, 0x4010444040110000,
    0x8240000404000101, 0x0008000092444123, 0x5645049310000010, 0x0000000699774598, 0x0000000000041110,
    0xE3D4E00000000430, 0x4000008000000018, 0x100008EB85D00104, 0x7459444402000000, 0x000000000022EF87,
    0x4008800410044000, 0x00001AFC4C000004, 0x4410444000000050, 0x00B40B2444080110, 0x00411100000000EA,
    0x0000088000200000, 0x3068700A08400000, 0x0800004400805940, 0x001C000000801620, 0x002A280C00000000,
    0x0206400000000000, 0x017AF47404B11302, 0x0000032216018000, 0x41C099103AA45400, 0x000000010007306F,
    0x0000000000000000, 0x9000000000000000, 0x00000000000000A2, 0x0000628080000000, 0x0000000000000000,
    0x0000000000E685D0, 0x0000000000000000, 0x00020D0400000000, 0x0000000000000000, 0x0000000000000000,
    0x0000000000000000, 0x0000000000000000, 0x00010EA900000000, 0x0000000000000000, 0x000000000026091B,
    0x0C2C080010444000, 0x4000000000000000, 0x1020400000000000, 0x0000000001220000, 0x0001000104040000,
    0x0000000000000000, 0x0000040000000000, 0x4000000000000000, 0x0810000000000100, 0x006000C000000000,
    0x0000000000000000, 0x00000000C3000000, 0x8000000000000000, 0x0000000000000000, 0x0000000000092444,
    0x4800400000000000, 0x0000000000000000, 0x0000020000000000, 0x0000000000000000, 0x0000000080000000,
    0x000000000E000900, 0x2010000000000000, 0x0000000000000000, 0x0014004812001004, 0x0210444102000020,
    0x1000000400000000, 0x0000000000240080, 0x0000040000000000, 0x0000400000000000, 0x0000000000800000,
    0x6000800000000000, 0x0000000000000000, 0x0000000A80000000, 0x0000000000000000, 0x2000000000000000,
    0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
];

/// Frequent words, sorted, separated by spaces.
pub(super) const WORDS: &str = "\
abc able abort about above absolute abstract accept accepted accepts access accessed accessible accessing according \
account across action actions active actual actually add added adding addition additional addr address addresses \
adds adjust admin advanced after again against agent agreed algorithm alias aliases align alive all allow allowed \
allowing allows along alpha already also alternative always amount and annotation annotations anonymous another any \
anything apache api app appear append applicable application applications applied applies apply appropriate archive \
are aren arg args argument arguments around array arrays ascii assert assertion assign assigned associated assume \
async atomic attach attached attempt attempts attr attribute attributes auth authenticate author authors auto \
automatic autumn available avoid await aware away back backend background backup backward backwards bad bar base \
baseball based bash basic basis batch baz because become becomes been before begin beginning behavior being below \
best better between big bin binary bind binding bit blank blob block blocking blocks body bool boolean bootstrap \
both bound branch break broken browser bucket buffer bug build builder building builds built bundle but byte bytes \
cache cached caching calculate call callback called caller calling calls can cancel cannot capture care case cases \
cast catch category cause caused causes cert certain certificate chain change changed changes changing channel \
channels char character characters chars charset check checked checking checks child children choose chunk class \
classes clean cleanup clear cli client clients clone close closed closing cloud cluster cmd code codes collect \
collection collections color column com combination combined come comes comma command commands comment comments \
commit common community compare comparison compatible compile compiled compiler complete completed completion \
complex compliance component components compression compute computed concurrent condition conditions conf config \
configs configure configured confirm conflict conn connect connected connection connections consider considered \
consistent console const constant constants constraints construct constructor consumer contain contained container \
containing contains content contents context continue control controller controls conversion convert converted \
converts copied copies copy copyright core correct correctly could count counter counts create created creates \
creating creation credentials cross ctx current currently custom cycle data database date days debug debugging \
declare decode decoded deep def default defaults defer define defined defines definition definitions delay delete \
deleted deleting deletion depend dependencies dependency depending depends deprecated deprecation depth desc \
describe described description descriptor desired destination destroy detail details detect detected detection \
determine determines dev developer development device did didn diff difference different digest dir direct directly \
directories directory dirname disable disabled discard discovery disk display distributed distribution doc docker \
docs document does doesn doing domain don done double down download dragon driver drop dropped due dummy dump \
duplicate duration during dynamic each earlier early easy echo edge edit editor effect either element elements else \
email embedded empty enable enabled enables encode encoded encoding end endpoint ends enforce engine enough ensure \
ensures enter entire entity entries entry enum env environment environments equal equals equivalent err error \
errors escape etc evaluate even event events every everything exact exactly example examples exceeded except \
exception exceptions exclude excluded exec executable execute executed executing execution exist existing exists \
exit expand expect expected expects expiration expire expired expires explicit explicitly export expose exposed \
express expression ext extend extended extends extension extensions external extra extract factory fail failed \
failing fails failure failures fake fall fallback false family fast fatal feature features fetch field fields file \
filename files filesystem fill filter filtered filtering filters final finally find fine finish finished first fix \
fixed fixtures flag flags flat float flow flush folder follow followed following follows foo foobar football for \
force form format formats formatted formatter forward found foundation frame framework free from full fully func \
function functions further future general generate generated generates generating generation generator generic get \
gets getting git github give given gives global going good google got graph greater group groups guide handle \
handled handler handlers handles handling happen happens hard has hash have having head header headers height hello \
help helper helpers here hex hidden hide high higher hint history hold holds home hook hooks host hostname hosts \
hour how however href html http https identifier identify identity ids idx ignore ignored ignores ignoring image \
images immediately implement implemented implements implied import important include included includes including \
incoming incorrect increment index indicate indicates individual info information inherit init initial initialize \
initialized inline inner input insensitive insert inside inspect install installation installed instance instances \
instead int integer integration intended interface internal interval into invalid invoke invoked isn issue issues \
item items iterator its itself java job join json just keep keeps kept key keys kind know known label labels lang \
language large larger last later latest layer layout lazy leading least leave left legacy len length less let \
letmein level lib library license licensed licenses like likely limit limitations limited limits line lines link \
linked links linux list listed listen listener listing lists literal live load loaded loader loading loads local \
locale localhost locally location locations lock locked log logged logger logging logic login logs long longer look \
looking looks lookup loop love low lower machine made magic main major make makes making malformed manage managed \
management manager manifest manual manually many map mapping maps mark marked mask master match matched matches \
matching math max maximum may maybe mean means mechanism media member members memory merge merged message messages \
meta metadata method methods microsoft middle might migrate migration min minimal minimum minor minute minutes \
mismatch missing mixed mkdir mock mode model modified modify module modules monkey more most mount move moved msg \
much multi multiple must name named names namespace naming native necessary need needed needs negative neither \
nested net network never new newer next nil node nodes non none noop normal normalize normalized normally not note \
notes nothing notice notification notify now null num number numbers numeric obj object objects obtain occurred off \
offset often old older once one ones only open operation operations operator opt option optional optionally options \
opts order ordered ordering org origin original other others otherwise our out output outside over overridden \
override overrides overview overwrite own owner package packages page pages pair pairs parallel param parameter \
parameters params parent parse parsed parser parsing part partial particular parts party pass passed passes passing \
passwd password past patch path paths pattern patterns payload pending per percent perform performance performed \
period permission permissions pick pkg place placeholder plain platform platforms please plugin plugins plus point \
pointer points policy pool populate port ports position positive possible post pre precedence prefer preferred \
prefix prepare present preserve pretty prev prevent prevents previous previously primary princess print prior \
priority private probably problem process processed processes processing produce product production profile program \
progress project projects promise proper properly properties property protected proto protocol provide provided \
provider providers provides proxy public publish published pull purpose purposes push put queries query queue quote \
qwerty raise random range ranges rate rather raw reach reached read readable reader reading readonly reads ready \
real really reason reasons receive received recent recommended record records recursive redirect reduce ref refer \
reference referenced references reflect refresh regardless regex regexp region register registered registry regular \
reject rejected related relative release released releases relevant reload remain remaining remote removal remove \
removed removes removing rename render repeat replace replaced replacement repo report reported reporting reports \
repository representing represents req request requested requests require required requirements requires res \
reserved reset resolution resolve resolved resolver resolves resource resources resp response responses rest \
restart restore result resulting results retries retrieve retry return returned returning returns reuse reverse \
right role root round route router rule rules run runner running runs runtime safe same sample save saved scale \
scan schedule schema scheme scope script scripts search second seconds secret section secure security see seen \
segment select selected selection selector self send sending sends sensitive sent separate separated separator \
sequence serialize serve server servers service services session set sets setting settings setup several sha share \
shared shell short should shouldn show shown shows shutdown side sign signal signature signed similar simple simply \
since single site size skip skipped skipping slash sleep slice slow small snapshot socket software some something \
soon sort sorted source sources space spaces span spec special specific specified specifies specify specifying \
split spring src ssl stable stack stale standard start started starting starts startup stat state statement states \
static stats status stderr stdout step steps still stop stopped storage store stored stores str strategy stream \
strict string strings strip struct structure style sub subject submit subsequent succeeded success successful \
successfully such suffix suite sum summary summer sunshine super supplied support supported supports suppress sure \
switch sync syntax system systems table tag tags take taken takes target targets task tasks tell temp template \
templates temporary term terminal terms test testing tests text than that the their them then there therefore these \
they things third this those though thread three threshold through throw throws thus time timeout timer times \
timestamp title tls tmp todo together token tokens too tool tools top total trace track tracking trailing \
transaction transfer transform transport treat treated tree tries trigger triggered triggers trim true try trying \
turn twice two txt type types typically uid unable unavailable unchanged undefined under underlying unexpected \
unicode unique unit unix unknown unless unlock unsafe unset unsupported until unused update updated updates \
updating upgrade upload upon upper uri url urls usage use used useful user username users uses using usually utc \
utf util utils uuid val valid validate validation value values var variable variables variant various vars verbose \
verification verify version versions very via view virtual visible void wait waiting want warn warning warnings \
warranties was watch way web welcome well were what when where whether which while white whitespace whole whose \
width will window windows winter with within without won word work worker working works world would wrap wrapped \
wrapper write writer writes writing written wrong www xml yaml year yes yet yield you your zero zone";
