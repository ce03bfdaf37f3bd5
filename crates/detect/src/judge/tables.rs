//! Letter statistics of words in public source text, and its most frequent words: generated, see [`super::likelihood`].

/// For each pair of letters, how much more often than by chance the second follows the first inside words: log2 of the
/// ratio, in quarters of a bit.
#[rustfmt::skip]
pub(super) const BIGRAMS: [i8; 26 * 26] = [
    -12, 6, 4, 1, -15, -2, 2, -18, -3, -3, 3, 6, 3, 3, -26, 1, -6, 4, 0, 5, -2, 2, -2, -1, 2, 0,
    4, 4, -1, -1, 1, 2, -14, -14, 0, 12, -6, 8, -6, -20, 2, -13, -15, -3, -2, -10, 7, -10, -15, -10, 2, -3,
    3, -2, -1, -7, 1, -3, -19, 10, -4, -10, 12, 0, -9, -21, 8, -11, 0, -3, -10, 3, 2, -10, -11, -13, -2, -14,
    -1, -1, -6, -3, 4, -2, -10, -17, 3, 2, -10, -6, -12, -14, -2, -13, -18, -9, -3, -18, 0, -6, -8, -8, -3, -13,
    -2, -4, 2, 6, -10, 1, -3, -12, -15, -2, -12, -1, 1, 3, -15, -2, 8, 5, 3, -3, -13, 2, -2, 10, -6, -8,
    2, 3, -3, -3, 0, 10, -13, -18, 6, -32, -17, 1, -11, -15, 5, -13, -9, -3, -9, -6, 3, -16, -11, -10, 4, -32,
    -3, -17, -13, -22, 2, -12, 0, 5, 0, -32, -11, -4, -6, -2, -2, -13, -8, 0, -4, -15, 1, -11, -11, -13, -7, 1,
    6, -14, -19, -13, 5, -15, -18, -21, 3, -5, -6, -10, -4, -13, 6, -13, -4, -3, -11, -2, 0, -16, -21, -15, -1, -7,
    -4, 1, 2, 0, -6, 2, 3, -21, -25, -15, -4, 1, 3, 9, 3, -2, -3, -4, 0, 2, -22, 6, -26, 2, -22, 13,
    3, -9, -8, -11, 5, -9, -15, -32, -5, 6, -3, -16, -4, -10, 7, -3, 9, -13, 2, -15, 11, -5, 6, 1, -32, -1,
    -4, -11, -15, -7, 6, -6, -2, -7, 4, -8, -9, -6, -13, -4, -8, -9, 3, -23, 3, -10, -1, -13, 0, -12, -2, 2,
    2, -9, -13, -2, 3, -7, -13, -13, 5, -16, -6, 5, -15, -19, 4, -8, -17, -20, -4, -5, 1, -2, -10, -32, 11, -16,
    6, 2, -18, -11, 4, -16, -15, -21, 4, -9, -7, -7, 3, -15, 2, 9, -5, -26, -3, -14, 1, -10, -19, -12, -9, -7,
    -1, -11, 2, 4, -2, 0, 12, -10, -2, -1, 2, -9, -10, -7, -2, -12, -7, -18, 2, 5, -3, 2, -10, -13, -4, -7,
    -8, 0, 0, 0, -19, -2, -2, -14, -8, 1, 3, 1, 6, 8, -4, 3, -32, 5, -2, -2, 6, 6, 10, -1, -8, -4,
    4, -14, -12, -9, 2, -11, -10, 0, -1, -14, -3, 5, -11, -21, 4, 4, -6, 6, -4, 0, 2, -11, -9, -16, -3, -17,
    -21, -14, -11, -12, -18, -10, -16, -7, -15, -32, -8, -2, -15, -15, -12, -16, 5, -11, -10, -13, 20, -11, -10, 2, -8, -32,
    2, -8, -5, -4, 5, -5, -3, -15, 3, -15, 3, -8, 1, -7, 3, -8, -22, -5, -1, -2, -2, -1, -3, -27, 5, -18,
    -6, -17, -2, -16, 1, -8, -15, 5, 1, -16, 1, -8, -9, -15, -3, 0, -3, -18, 0, 4, 4, -9, -4, -13, 0, -11,
    1, -14, -6, -13, 4, -8, -18, 7, 6, -21, -23, -6, -10, -19, 0, -9, -17, 1, -1, -5, -1, -20, -3, -6, 5, -12,
    -3, 6, 0, -4, -4, -2, 0, -18, -2, -10, -16, 4, 5, 6, -11, 5, -15, 4, 3, 4, -16, -20, -32, -4, -17, -8,
    5, -16, -12, -25, 9, -14, -10, -16, 6, -3, -32, -16, -11, -20, 0, -16, -12, -19, -14, -18, -19, -10, -20, -15, -8, -10,
    5, -22, -16, -7, 0, -15, -10, 10, 4, -4, -3, -6, -14, 2, 4, -11, 0, 1, -1, -14, -15, -20, 1, -6, -21, -32,
    -3, -6, 3, -7, 0, -2, -18, -1, 2, -32, -32, -12, -3, -21, -17, 11, -32, -21, -13, 5, -12, -16, -15, 10, 1, 1,
    -10, -8, -10, -18, -9, -12, -12, -14, -3, -9, -18, -6, 0, -4, -5, 4, -32, -15, -1, -6, -14, -14, 1, -18, -5, 5,
    0, -9, -19, -8, 9, -6, -32, -32, 3, 8, -32, -9, -15, -11, 1, -32, -2, -13, -6, -12, -5, -10, -3, -7, 4, 12,
];

/// One bit for each triple of letters: whether it is among those that make up 96.5 % of the triples inside words.
#[rustfmt::skip]
pub(super) const TRIGRAMS: [u64; 275] = [
    0xDBF01124FC00003F, 0x00003F4916CFD0B4, 0x00006715102000FC, 0x0100000E38080000, 0x1357B77D40401100,
    0x00000471957404D9, 0x7C00000003A06440, 0x906D51C6594439F5, 0x100104440C284807, 0x4912000040004200,
    0xC0E297F400000004, 0x04FC00003F00000F, 0x00000FC0E29FF000, 0x8490000000000000, 0x0000000000040082,
    0x0000001004010444, 0x000000BE48090000, 0x1C04104440000000, 0xC396400800040840, 0x0000000000000000,
    0x0000008800000000, 0xF00000FC1EB83F00, 0xB93F00000FC10413, 0x400000000001FC06, 0x00000EB939049C44,
    0x04104455C6951000, 0x8480200000008009, 0x100000040000036F, 0x4440C00004012444, 0x0000000E18006592,
    0x0400000000000000, 0xEB83F00000000000, 0xFC00003F00000FD0, 0x000FCAEB87F01824, 0xD000000000001000,
    0x000004000003E707, 0x4000100400044000, 0x00005E3114010000, 0x0010444000000001, 0x8150000200080001,
    0x0000010000444029, 0x0000020000000000, 0x5000FC2EBC3F0000, 0x3F05125FC3E4DBF4, 0x2591107924FC0EB4,
    0x402A204000100051, 0x324E400000000000, 0x04F107F414C11349, 0x0000039264412802, 0x51CE1945BBE7DC10,
    0x044406001057906D, 0x0220654064991001, 0x93F0000000440010, 0x00003F00000FC3E3, 0x4FC4E283F00000FC,
    0x0000000000000112, 0x0000000008A28740, 0x8000044104440000, 0x0012680400000000, 0x1044400000000800,
    0x0100004000001000, 0x000000000000E280, 0x0000100000000000, 0x00000A2904000000, 0x0000000000000000,
    0x91000000008E7808, 0x2C602C0202040020, 0x4400000000000000, 0x5144440000114010, 0x0000000002A69010,
    0x0000000104440000, 0x0002191100002000, 0x0000000000000000, 0xE000040000000000, 0x000000000003EA90,
    0x19E390D000000000, 0x0000000000000000, 0x00000002CA87E000, 0x0114000400000000, 0x5EF9080000400000,
    0x4400000000000000, 0x3060000000000010, 0x0000000000830020, 0x0800000000000000, 0x500E284200000000,
    0x0A4651E4D9105824, 0x142004C46E280827, 0x000000000001221D, 0x4000110000000000, 0xBFF4149111470246,
    0x07226441628080F3, 0x5B50394474100000, 0x000000479E6541CF, 0x4400000000000444, 0x0004440000000000,
    0x0000000002020000, 0x0000400000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
    0x0102000000000000, 0x0000000000000002, 0x0000004000000000, 0x0000000042000000, 0x0000000000000000,
    0x0200400000000000, 0x4000000000000000, 0x0020010E28180000, 0x1000000000200000, 0x00000000000008A8,
    0x0000000000100000, 0x1000010000000100, 0x0000000000000000, 0x8002008000010800, 0x0000001000000000,
    0x0000000000000000, 0x0000007DEB146000, 0x87D0188450100000, 0x0040000000000AE3, 0x0022CB47F0010000,
    0x11044C0001000000, 0x4700000000000004, 0x0000000002415EE0, 0x4400401000000400, 0x004400E105941106,
    0x0000000000000100, 0xAF4C000000200010, 0x000000000124418E, 0x00004E780D000000, 0x0000000000000000,
    0x00800000028E384C, 0x1041110000400000, 0x4443E30080000000, 0x0000000000000792, 0x0400000000000500,
    0x0000000000000C38, 0x0000000000000000, 0x120002AB84600000, 0xD01B24451A499100, 0x49100492440EE697,
    0x28DF83400000441E, 0x0440042110000004, 0x0010440000011401, 0x00004800047EF808, 0x58D9310000040100,
    0x4448C991145926C4, 0x0000000200000010, 0x0C00000004810000, 0xC45150702C440A08, 0x8004000045104641,
    0x0040006695002004, 0x0000004004200C00, 0xD9130D1246414011, 0x40EBC484B1E5F400, 0xF57C00000047B644,
    0x03106441C011053A, 0x91000004440EA84E, 0x0010104000400042, 0x0015E294E0000000, 0x0000040000000000,
    0x0000000000E681D0, 0xEA81C00100440200, 0x4400004000000000, 0x0000000001044104, 0x000924444EE90800,
    0x0190001044400000, 0x00E0802459044408, 0x0000000000000000, 0x00000000A0100000, 0x0000000000000000,
    0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
    0x0000000000000000, 0x0000000000000000, 0x0000000000411100, 0x0000000000000000, 0x56EB96E000000000,
    0x2444104191001040, 0x00124547FFB7F010, 0x87F0000000140111, 0x04013800000022CF, 0x4440401114110464,
    0x090011FEFEEF0100, 0x9544104440000000, 0x4A81645006440841, 0x0002010100004440, 0x0000008810000000,
    0x100000012AB86600, 0xB87D000000012499, 0x400000004104402F, 0x0002AE787E049044, 0x4010444040110000,
    0x8240000404000101, 0x0008000092444127, 0x4645049B10000010, 0x00011006B977459A, 0x0000000000041110,
    0xE3D4E00000000430, 0x4000C08000000018, 0x10400AEB85D00104, 0x7459444400000000, 0x000000000022EF87,
    0x4008811410844000, 0x00001EFC4C000004, 0x4412444000000050, 0x00140B2444080110, 0x00411100000000EA,
    0x0000088000200000, 0x3268700A08400000, 0x0800104400805940, 0x001D000000801620, 0x002E281C00000000,
    0x0206400000000000, 0x017BF4FC14B11302, 0x0000032216018000, 0x41E89910BAA4D400, 0x000000010007326F,
    0x0000000000000000, 0x9000000000000000, 0x00000000000000E2, 0x00006280C0000000, 0x0000000000000000,
    0x0000000002E681D0, 0x0000000000000000, 0x00020D0400000000, 0x0000000000000000, 0x0000000000000000,
    0x0000000000000000, 0x0000000000000000, 0x00010EAD00000000, 0x0000000000000000, 0x000000000026091B,
    0x0C2C084010444000, 0x4400000000000000, 0x1020400000004000, 0x0000000001220000, 0x0001000104040000,
    0x0000000000000000, 0x0000040000000000, 0x4000000000000000, 0x0810000000000100, 0x006000C000000000,
    0x0004000000000008, 0x00000000C3010000, 0x8000000000000000, 0x0000000000000000, 0x0000000000092444,
    0x5800400000000000, 0x0000000000000000, 0x0000020000000000, 0x4000100000000000, 0x0000000080000000,
    0x000000000E000900, 0x2010000000000000, 0x0000000000000000, 0x0014004812001004, 0x0210444102000020,
    0x1040000400000000, 0x0000000000240080, 0x0000040810000000, 0x0000410000000000, 0x0000000000800000,
    0x6000800000000000, 0x0000000000000000, 0x0000000A80000000, 0x0000000000000000, 0x2000000000000000,
    0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000,
];

/// Frequent words, sorted, separated by spaces.
pub(super) const WORDS: &str = "\
able abort about above absolute accept accepted accepts access according account acquire across action actions \
active actual actually add added adding addition additional additionally addr address adds adjust admin after \
again against age agent algorithm alias align all allow allowed allowing allows along already also alternative \
always amount and annotations another any anything apache api app appear append apple applicable application \
applied applies apply appropriate arbitrary archive are arg args argument arguments arising around array artifacts \
ascii assert assign assigned associated assume async attach attached attempt attempts attr attribute attributes \
auth authenticate author authors auto automatic available avoid aws back backend background bad bar base based \
bash basic basis batch because become been before begin beginning behavior behaviour being belongs below best \
better between big bin binaries binary bind bit blank blob block blocked blocking blocks body bool boolean both \
bound box branch break broken buf buffer bug build builder building builds built bundle but byte bytes cache \
cached calculate call callback called caller calling calls can cancel cannot capture care case cases cast cat \
catch category cause caused causes cert certain certificate cfg chain change changed changes changing channel char \
character characters charge chars charset check checked checking checkout checks child choose chunk claim class \
clean cleanup clear cli client clone close closed cloud cmd code codes collect collection color column com come \
comma command commands comment comments commit common compare compatible compile complete completed completion \
component components compute concurrent condition conditions config configure configured conflict conn connect \
connected connecting connection connections consider considered consistent console const constant contain \
contained container containing contains content contents context continue contract contributors control controlled \
controls convert converted converts copied copies copy copying copyright core correct correctly could count \
counter create created creates creating creation credentials cross crypto ctx curl current currently custom cut \
damages data database date deal debug decode decoder def default defaults defer define defined defines definition \
definitions delay delete deleted dependencies dependency depending depends deprecated deps derived desc describe \
described description descriptor destination details detect detected determine dev development device did diff \
different digest dir direct direction directly directories directory disable disabled disabling discard disk \
dispatch display distribute distributed distribution div doc docker docs document does doesn doing domain don done \
dot double down download dragon drop due dump duplicate duration during dynamic each earlier early echo edge edit \
effect either element elements else email emit empty enable enabled enables encode encoded encoder encoding end \
endpoint ends enforce engine enough ensure enter entire entries entry enum env environment eof equal equivalent \
err error errors escape etc even event events every everything exact exactly example examples exceeded except \
exception exclude exclusive exe exec executable execute executed execution exist existing exists exit expand \
expect expected expired expires explicit explicitly export express expression ext extend extended extension \
extensions external extra extract fail failed fails failure failures fall fallback false family fast fatal feature \
features fetch fetching few field fields file filename files fill filter filters final finally find fine finish \
finished first fitness fix fixed flag flags float flush fmt folder follow following foo football for force form \
format formats formatted formatter forward found free from full fully func function functions furnished further \
future gen general generate generated generates generating generator generic get gets getting git github give \
given glob global gnu going good google got granted graph greater group groups had handle handled handler handles \
handling happen happens hard has hash have having head header headers help helper helpers here hereby hex hidden \
hide high higher hold holders home hook hooks host hostname hosts hour how however href html http https human \
identifier identity idle ids idx ignore ignored ignoring image immediately implement implemented implements \
implied import important inc include included includes including incompatible indent index indicate indicates \
indirect individual info information init initial initialize initialized inline inner input insert inside inspect \
install installed instance instances instead int integer integration intended interface internal interval into \
invalid invoke invoked isn issue issues item items iter iterator its itself job jobs join json just keep keeps key \
keys kind know known label labels lang language large larger last later latest layer layout leading least leave \
left legacy len length less let letmein level levels liability liable lib library license licensed licenses like \
likely limit limitation limitations limited limits line lines link linked links linux list listed listen listener \
lists literal load loaded loading local localhost locally location lock locked log logged logger logging logic \
login logs long longer look looking looks lookup loop love low lower mac machine macro made main make makes making \
manage management manager manual manually many map mapping maps mark marked marker master match matched matches \
matching max maximum may maybe mean means member memory merge merged message messages meta metadata method methods \
metrics microsoft might milliseconds min minimum missing mit mkdir mod mode model modified modify module modules \
monkey more most move msg much multi multiple must mutex name named names namespace native necessary need needed \
needs negative nested net network never new newer newline next nil node nodes non none nor normal normalize \
normally not note nothing notice notify now null num number numbers obj object objects obtain occurred off offset \
often old older once one ones only open opening operation operations opt option optional options opts order org \
origin original other others otherwise our out output outside over overflow overridden override overrides \
overwrite own owned owner ownership package packages padding page pages pair pairs parallel param parameter \
parameters params parent parse parsed parser parsing part partial particular parts pass passed passing password \
past patch path paths pattern patterns payload pending per perform performance performed period permission \
permissions permit person persons pick pid pipe pkg place plain platform please plugin plus point pointer points \
policy poll pool pop populate port portions position positive possible possibly post pre precedence prefer \
preferred prefix prepare present preserve pretty prev prevent previous previously primary princess print printf \
prior priority private probably problem proc process processed processes processing profile program progress \
project projects prompt proper properly properties property proto protocol provide provided provider providers \
provides proxy pub public publish pull purpose purposes push put query queue quiet quote qwerty rand random range \
rate rather raw reached read readable reader reading reads ready real really reason reasons receive received \
recent recommended record records recursive red redirect reduce ref reference references refresh regardless regex \
register registered registry regular reject rejected rel related relative release released releases relevant \
reload remaining remote remove removed removing rename render replace replaced repo report reported reports \
repository represents req request requested requests require required requirements requires res reserved reset \
resolution resolve resolved resource resources resp response responses rest restart restore restrict restriction \
result resulting results ret retries retrieve retry return returned returning returns reverse rfc right rights \
risk role root round row rule rules run runner running runs runtime safe same save saved scan schema scheme scope \
script scripts search sec second secondary seconds secret section secure security see select selected selector \
self sell send sending sends sent separate separated separator sequence serialize server service services session \
set sets setting settings setup sha shall share shared shell short should show shutdown side sign signal signature \
signed similar simple since single site size skip skipped skipping sleep slice small socket software some \
something sort sorted source sources space span spec special specific specified specify split src ssl stable stack \
standard start started starting starts startup stat state states static stats status std stderr stdin stdout step \
steps still stop storage store stored str strategy stream strict string strings strip struct structure style sub \
subject sublicense submit subsequent success successful successfully such suffix suitable sum summary summer \
sunshine super supplied support supported supports suppress sure switch symbol sync syntax sys system systems tab \
table tag tags take taken takes tar target targets task tasks tcp tell temp template templates temporary term \
terminal terminate terminated terms test testing tests text than that the their them then there therefore these \
they thing things this those though thread threshold through throw thus time timed timeout timer times timestamp \
title tls tmp todo token tokens too tool tools top tort total trace tracing track tracking trailing transfer \
transform transport treat tree tries trigger trim true truncate try trying turn two txt type types typically uint \
unable unavailable undefined under underlying unexpected unicode unique unit units unix unknown unless unlock \
unsafe unset unsupported until unused unwrap update updated updates updating upgrade upload upper upstream uri url \
urls usage use used useful user username users uses using usr usually utc utf util utils uuid val valid validate \
validation value values var variable variables various vars vendor verbose verification verify version versions \
very via view visible void wait waiting want warn warning warnings warranties warranty was way web welcome well \
were what when where whether which while whitespace who whole whom why width wiki will win window windows winter \
with within without won word work worker working works workspace world would wrap wrapper write writer writes \
writing written wrong www xml yes yet yml you your zero zip zone";
