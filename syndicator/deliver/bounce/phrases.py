"""What servers and mailers say, by the reason it stands for: regular expressions over one line of text.

The line is in lower case, without addresses and links, its words cut at 60 characters: as each expression is
bounded in words, none takes long. Alternatives are parted by two blanks or a line's end; a line that ends in
`|` goes on in the next. Which reason is asked first is said in `reasons`.
"""

from __future__ import annotations

import re
from typing import Final

PHRASES: Final = {
    "auth": r"""
        \bspf\b  \bdkim\b  \bdmarc\b  \barc (?:validation|seal)  sender policy framework
        required authentication  \bunauthenticated (?:e-?mail|message|sender)
        authentication (?:information|checks?|results?|policy)
        (?:does|did) not pass (?:\S+ ){0,3}(?:verification|authentication)  sender[ -]?id\b
        fail(?:s|ed)? (?:sender )?(?:authentication|verification) (?:checks?|of the)
        not allowed to send (?:mail |e-?mail )?(?:from|for)  purported responsible address
        not authori[sz]ed to send (?:mail |e-?mail )?(?:from|on behalf)  invalid ip for sending mail
        domain owner'?s? policy  sender (?:is )?(?:forged|spoofed|not authenticated)  \bspoof(?:ed|ing)\b
    """,
    "ptr": r"""
        \bptr\b  \br-?dns\b  reverse[ -](?:dns|host|look-?up|mapping|resolution|record|path look)
        find your (?:reverse )?host ?name  (?:host ?name|helo|ehlo) (?:does|did) not (?:resolve|match)
        no (?:valid )?(?:host ?name|dns (?:record|name|entry)) (?:\S+ ){0,4}(?:your|the) (?:ip|client|
            address|host)  \bfcrdns\b  forward[- ]confirmed  reverse-resolved  dns entry for your
        unresolvable (?:client|host|ip)  unverif[iy]able sending  mismatche?s? client
        (?:client|ip)(?: \S+){0,2} (?:is|has|with) no (?:host ?name|name)
    """,
    "tls": r"""
        starttls  \btls (?:is )?(?:required|negotiation|handshake|failure|connection)  require[sd]? tls
        (?:connection|session|message) (?:is )?not encrypted  encryption (?:is )?(?:required|needed)
        \bssl(?:v?3)? handshake  secure connection (?:is )?required  server certificate
    """,
    "connections": r"""
        too many (?:\S+ ){0,4}(?:connections?|sessions?)  (?:connections?|sessions?) (?:\S+ ){0,3}limit
        (?:concurrent|simultaneous|concurrency) (?:\S+ ){0,3}(?:connections?|sessions?|limit|exceeded)
        concurrency limit  connection (?:rate|count)
    """,
    "rate": r"""
        too many (?:\S+ ){0,3}(?:messages|recipients|mails|e-?mails|transactions|requests|errors|unknown|
            invalid|failed)
        (?:sending|message|mail|receiving|unusual|high|submission|recipient)(?: an?)? (?:rate|volume)\b
        \brate[ -]?limit  throttl  unexpected volume  too (?:fast|quick|much mail|frequent|often)
        at a rate that  slow(?:ing)? down
        \b(?:hourly|daily|per (?:hour|day|minute|second)) (?:\S+ ){0,3}(?:limit|quota|rate|max)
        (?:limit|quota|max\S*) (?:\S+ ){0,6}per (?:hour|day|minute|second)  frequency limit
        send(?:ing)? (?:limit|quota)  max(?:imum)? (?:sending|defers|number of messages)
        excessive (?:\S+ ){0,3}(?:rate|volume|messages|mail)  频率  过于频繁  发信量  发送(?:过快|次数)
    """,
    "content": r"""
        \bvirus  \bmalware  \btrojan  \binfected  not rfc \d+ compliant  rfc ?-?(?:5322|2822)
        multiple (?:\S+ ){0,4}headers?
        (?:header|mime|from:|date:)(?: field)? (?:error|is (?:not )?(?:valid|missing|invalid|malformed))
        (?:addresses in|invalid|missing|malformed|valid|bad) (?:the )?(?:from|date|message-id|mime|
            header)\b:?
        attachments? (?:\S+ ){0,4}(?:not (?:allowed|permitted|accepted)|blocked|prohibited|rejected|
            forbidden|type)
        (?:blocked|banned|prohibited|forbidden|dangerous|executable) (?:attachment|file)
        bare (?:lf|cr|newline)  message format  line (?:is )?too long
        conversion (?:\S+ ){0,3}(?:required|prohibited|not)  illegal character
        (?:body|text) (?:\S+ ){0,2}type not supported  8-?bit (?:data|mime)
    """,
    "spam": r"""
        \bspam(?!\.?haus|cop|rats)\w*  \bjunk\b  unsolicited  \bube\b  \buce\b
        bulk (?:e-?mail|mail|filter|sender)  unwanted (?:mail|message|content|e-?mail)  \bmail rejet[eé]
        content (?:\S+ ){0,2}(?:reject|filter|refus|den|block|policy|violat|looks|scan)
        (?:black|block)-?list(?:ed|ing)? (?:url|link|domain|word)
        (?:url|link)s? (?:\S+ ){0,4}(?:black|block)-?list  phish  \bdt:[a-z]{3}\b
        content (?:is )?(?:denied|not acceptable)  (?:uri|sur|dom)bl\b  (?:high|scor)\S* (?:\S+ ){0,2}score
        looks like (?:an? )?(?:advert|bulk)  message (?:looks|appears)  suspicious  classified as  反垃圾
        垃圾邮件  疑似垃圾  spamverdacht  迷惑メール  pourriel  bayes
    """,
    "reputation": r"""
        reputation  (?:black|block|deny|reject|bad)[ -]?list  \bdnsb?l\b  \brbls?\b  spamhaus  spamcop
        spamrats  barracuda  senderbase  \bhl:[a-z]{3}\b  sorbs  \bcbl\b  \bpbl\b  \bxbl\b
        (?<!not )listed (?:at|in|on|by)  service refus  client host (?:\S+ ){0,3}rejected  \bbanned\b
        \bblocked\b(?! by (?:the )?(?:recipient|user))  \bblocking\b
        messages? from (?:\S+ ){1,5}(?:weren't|were not|was not|not) (?:sent|accepted)
        (?:your|the|sending|client|source|this) (?:ip|network|server|host|isp|
            mail server)(?: address)?\b(?: \S+){0,6} (?:not (?:allowed|accepted|permitted|welcome)|refused|
            rejected|denied)
        (?:ip|server|host)(?: address)?(?: \S+){0,3} (?:is|are|was|has been) (?:\S+ ){0,2}(?:refused|
            rejected|denied|dynamic|residential)  user complaints  complaints?\b
        dynamic(?:ally)? (?:ip|assigned|address|allocated)
        refused to talk to me(?! :? ?4\d\d.{0,40}(?:busy|later))  bad (?:ip|host|server|sender)\b
        not accept(?:ing|ed)? (?:mail|messages|connections?|e-?mail)s? from (?:your|this|the|that|ip|host|
            you|dynamic|\[|\d)  may not be mail exchanger  too many unwanted  smtp server of your isp
        connection (?:\S+ ){0,3}(?:rejected|denied|not (?:allowed|permitted))  deferred due to  黑名单
        发信ip  发件人ip  拒收
    """,
    "policy": r"""
        polic(?:y|ies)\b  (?:not|isn't|is not) (?:permitted|allowed|authori[sz]ed|verified|accepted here)
        prohibited  forbidden
        (?:relay|relaying) (?:\S+ ){0,3}(?:access|not|denied|prohibited|refused|disallowed)
        (?:unable|not able|allowed|permitted|won't|cannot|can't|not|will not|refuse|refused|open|denied|
            no) (?:to )?relay  \bwe do not relay  not a(?:n open)? relay  authentication required
        must (?:\S+ ){0,2}authenticate  not authenticated  authentication (?:is )?(?:required|needed)
        (?:sender|from|originator|return-path|mail from|envelope)(?: e-?mail| domain)?(?: address| name|
            domain)? (?:\S+ ){0,4}(?:reject|refus|den|not (?:exist|valid|found|accept|known)|invalid|
            unknown|blacklist|blocked|unresolv|is (?:not valid|invalid|unknown|empty|null)|verify|
            verification|does ?n[o']t (?:exist|resolve)|has no (?:a|mx))
        (?:unknown|invalid|bad|unverified|unresolvable|non[- ]?existent) (?:sender|from|originator|return)
        domain of sender  sender (?:was |is |has been )?(?:rejected|denied|blocked|refused)  sender's domain
        \bmy name was rejected
        \bh?e(?:hlo|lo) (?:command |name |argument )?(?:\S+ ){0,3}(?:rejected|invalid|refused|denied|
            required)  administrative(?:ly)?(?: prohibition| denied| rejected)?
        (?<!recipient address rejected: )access (?:is )?(?:denied|restricted|not allowed|rejected)
        permission denied  (?:is|are|address) restricted  restricted (?:address|recipient|group|list|sender)
        only (?:\S+ ){0,4}(?:senders|members|subscribers)  not (?:a )?(?:member|subscriber)
        security (?:reasons?|polic|violation|error)
        message (?:was |has been |is )?(?:refused|rejected by (?:the )?(?:admin|system|server))
        (?:group|list) (?:\S+ ){0,12}(?:may not exist|permission)
        rejected by (?:\S+ ){0,3}(?:rule|filter|administrator|admin)  \bdomain is invalid\b
        unacceptable (?:mail|sender|domain)  protocol violation  \b(?:helo|ehlo)\b(?! handshake)
        unknown client  client host (?:is )?unknown  (?:verify|verification of) (?:the )?sender
        address in (?:the )?header  (?:in|after) mail from  cannot find your
        \byour (?:\S+ )?(?:domain|host ?name|name|ip|ip address|address)\b(?: \S+){0,3} (?:not|unknown|
            invalid|unresolvable)  groups\.google  cannot (?:receive|accept) (?:mail|e-?mail|messages) from
        not accepting mail (?:from|with)  \bdeny\b
    """,
    "too-large": r"""
        (?:message|mail|e-?mail|file|attachment|data|content)(?: \S+)? (?:size |length )?(?:is |
            was )?(?:too (?:large|big|long)|exceeds|exceeded|larger than)
        (?:maximum|max|allowed|permitted|incoming) (?:\S+ ){0,3}(?:message|mail|e-?mail)? ?size  size limit
        size (?:\S+ ){0,4}exceed  message (?:length|too)  exceeds? (?:\S+ ){0,5}(?:message|mail) size
        too large (?:message|mail)  recipsizelimit  邮件(?:大小|过大|太大)  message size
    """,
    "mailbox-full": r"""
        (?:mailbox|inbox|mail box|account|user|recipient|disk|storage|maildir|quota|box|
            folder)(?:'s)?(?: \S+){0,4} (?:is |was )?(?:full|over ?quota|over its quota|
            over the (?:\S+ ){0,2}(?:quota|limit))  (?:mailbox|storage|disk|mail) ?quota  over ?-?quota
        quota (?:\S+ ){0,3}(?:exceed|full|violation|limit)
        exceed(?:s|ed|ing)? (?:\S+ ){0,5}(?:quota|storage|mailbox|allowed size|allowed space|allocation)
        out of (?:storage|disk|space)
        (?:insufficient|not enough|no more|lack of) (?:\S+ ){0,3}(?:storage|space|room)
        mailbox (?:size|full|limit)  full mailbox  mailbox (?:has )?exceed  diskspace
        disk (?:space|full|quota)  no space left
        too (?:much|many) (?:mail|messages) (?:\S+ ){0,3}(?:in|stored|mailbox)  storage (?:limit|allocation)
        空间不足  邮箱(?:已满|容量)  信箱已满  容量.{0,6}(?:不足|已满)  いっぱい  容量(?:を超|オーバー|制限)
        postfach (?:ist )?voll  bo[iî]te (?:\S+ ){0,4}pleine  переполнен  casella (?:\S+ ){0,2}piena
        buz[oó]n (?:\S+ ){0,3}lleno
    """,
    "disabled": r"""
        (?:mailbox|account|user|address|recipient|box|domain)\S*(?: \S+){0,6} (?:is |was |has been |are |
            been |currently |temporarily )(?:\S+ ){0,2}(?:disabled|suspended|inactive|deactivated|frozen|
            locked|closed|discontinued|not active|blocked|expired|unavailable for|terminated)
        (?:disabled|suspended|inactive|deactivated|frozen|locked|closed|discontinued|
            expired) (?:\S+ )?(?:user|account|mailbox|recipient|address)
        (?:user|account|mailbox|recipient|address) (?:disabled|suspended|inactive|deactivated|frozen|locked|
            closed|expired)  extended inactivity
        (?:account|mailbox|user|address)(?: \S+){0,3} (?:deleted|removed)\b
        (?:user|account|mailbox|recipient) (?:\S+ )?not active  停用  冻结  已注销  禁用  停止使用
        stillgelegt  gesperrt  deaktiviert  désactivé
    """,
    "filtered": r"""
        user (?:refuses|rejected|reject)\b  (?:recipient|user) (?:preferences|rules|settings)
        blocked by (?:the )?(?:recipient|user)
        (?:recipient|user|addressee) (?:does not (?:want|accept)|refused)
        not (?:currently )?(?:being )?accept(?:ing|ed)(?: \S+){0,4} (?:for|at) this (?:mailbox|user|account)
        message filtered  has restricted
        5\d\d[ -](?:5\.\d\.\d )?(?:requested action not taken: ?)?mailbox (?:is )?unavailable
    """,
    "not-accepting": r"""
        null mx
        (?:domain|host|mx|server|system|destination)(?:/domain)?(?: \S+){0,4} (?:does not|doesn't|do not|
            not|never) accept(?:s|ing)? (?:e-?mails?|mails?|messages|network messages|any mail|smtp)
        indicated no smtp service  no smtp service  no mx(?: record| host)?s?(?: was| were)? found
        no mx or a records?  (?:does|do) not (?:accept|receive) (?:any )?(?:mail|e-?mail)s?\b(?! from)
        accepts no mail  domain not accept(?:ing)? mail  no mail server (?:exists|found) for
        system not accepting network
    """,
    "moved": r"""
        (?:recipient|user|mailbox|account|address|person|employee)(?: \S+){0,3} (?:has |have )?moved
        no longer (?:on (?:this )?server|valid|in use|at (?:this|the)|here|works?|employed|with us|
            available|active|used|exists?|receiv|a valid|monitored)  address (?:has |was |is )?changed
        has (?:a )?new (?:e-?mail )?address  user not local; please try
        left the (?:company|organi[sz]ation)
    """,
    "host-unknown": r"""
        (?:unknown|no such|invalid|bad|illegal|non[- ]?existent|unrouteable) (?:\S+ )?(?:host|domain|
            mail domain|destination (?:host|domain|system))
        (?:host|domain|destination)(?: name| or domain name)?(?: \S+){0,2} (?:is )?(?:unknown|not found|
            invalid|could not be found|cannot be found|does ?n[o']t exist|do(?:es)? not exist|not exist|
            non[- ]?existent)  unrouteable (?:mail )?(?:address|domain)
        unroutable (?:mail )?(?:address|domain)  name or domain (?:is )?(?:unknown|not known)
        (?:unable to|cannot|could not) find (?:\S+ )?(?:domain|host)\b
        couldn't find any host(?: by that name| named)?  \bnxdomain\b
        name service error(?: \S+){0,5} (?:host|domain) not found  domain name not found  no such domain
        dns (?:name|domain) does not exist  doesn't exist in dns
        (?:all|any) relevant mx records point to non[- ]?existent  cannot find (?:\S+ )?(?:host|domain)
        host lookup (?:failed|did not complete: host)  域名(?:不存在|错误|解析)
    """,
    "user-unknown": r"""
        (?:user|mailbox|recipient|account|addressee|alias|userid|address|login|local part|customer|member|
            subscriber|person|inbox|mail ?id|name)(?: e-?mail)?(?: name| id| address| account|
            mailbox)?s?(?: \S+){0,6} (?:is |are |was |were )?(?:unknown|not (?:\S+ )?(?:found|known|
            recogni[sz]ed|exist|listed|present|valid|a valid)|unrecogni[sz]ed|non[- ]?existent|invalid|
            wasn't found|couldn't be found|could not be found|cannot be found|can't be found|(?:do|does|did|
            do|may)(?: ?n[o']t| not) exist|doesnt exist|undeliverable)
        (?:unknown|no such|invalid|bad|illegal|unrecogni[sz]ed|non[- ]?existent|undefined|incorrect|
            nonexisting|not a valid|not a known|not found)(?: or (?:illegal|unknown|
            invalid))? (?:\S+ ){0,2}(?:user|mailbox|recipient|account|addressee|address|alias|local part|
            userid|name|login|person|final delivery|destination mailbox|inbox|email|e-mail|id)
        no (?:\S+ )?(?:mailbox|account|user|recipient|person|inbox|one|local (?:user|
            mailbox))(?: \S+){0,3} (?:by that name|with that (?:name|address)|here|found|named|of that name|
            at this address|exists)  does(?: ?n[o']t| not) have an? (?:\S+ )?(?:\S+ )?account
        not (?:a )?(?:known|valid|our|local) (?:user|customer|recipient|mailbox|address)
        (?:recipient|user|mailbox) (?:\S+ )?(?:not here|cannot be found|unavailable: no such)
        no valid (?:recipient|address|mailbox)s?
        (?:delivery|mailbox) (?:to this |)address (?:does not|not) exist  user(?: \S+)? doesn't exist
        (?:recipnotfound|recipientnotfound|addressnotfound|rcpt unknown|adr\.(?:exrecip)?notfound)
        \#5\.1\.0 address rejected
        (?:can't|cannot|couldn't|could not) find (?:\S+ )?(?:recipient|user|mailbox|address)
        recipient address rejected: access denied  badly (?:formed|formatted) (?:recipient|address)
        recipient(?: address)? (?:rejected|verification)(?: \S+){0,2} (?:undeliverable|failed|
            unverified address: (?:user|recipient))
        (?:用户|收件人|邮箱|帐号|账号|帐户|账户|地址|信箱)(?:地址|名|帐号|账号|邮箱)?.{0,10}(?:不存在|
            未找到|无此|找不到)  (?:不存在|找不到)(?:该|此|这个)?(?:用户|收件人|邮箱|地址)  无此用户
        (?:宛先|アドレス|ユーザー?|メールボックス).{0,14}(?:存在し|見つか)  リストにありません
        empf(?:ä|ae)nger(?:adresse)? (?:\S+ ){0,3}(?:unbekannt|nicht)
        unbekannte(?:r)? (?:empf|benutzer|nutzer)  benutzer (?:\S+ ){0,2}unbekannt
        destinataire (?:\S+ ){0,2}(?:inconnu|invalide|introuvable)  (?:est introuvable)  utilisateur inconnu
        usuario (?:\S+ ){0,2}(?:desconocido|no existe)|no existe (?:\S+ )?(?:usuario|buz[oó]n|cuenta)
        utente (?:\S+ ){0,2}(?:sconosciuto|inesistente)
        пользовател\S+ (?:\S+ ){0,3}не (?:найден|существует)  (?:адрес|ящик)\S* (?:\S+ ){0,3}не существует
        usu[aá]rio (?:\S+ ){0,2}(?:desconhecido|inexistente)
    """,
    "loop": r"""
        mail ?loop  \bloop(?:s|ing)?\b  too many hops  hop count  forwarded more than
    """,
    "expired": r"""
        retry time ?out  (?:message|envelope|mail|delivery (?:time|period)) (?:has )?expired
        been in the queue too long  (?:for|after|past|than) (?:\S+ )?\d+ (?:days?|hours?|minutes?|seconds?)
        delivery (?:time|attempts?) (?:has |have )?(?:expired|exceeded)  could not be delivered (?:\S+ )?for
        too many (?:retries|delivery attempts)  has not yet been delivered  giving up  delayed
        delivery failed \d+ attempts
    """,
    "network": r"""
        (?:connection|connect|operation|session|conversation|socket)(?: \S+){0,4} (?:timed? ?out|refused|
            reset|closed|dropped|lost|aborted|failed|error)  (?:lost|broken|dropped) connection
        no route to host
        (?:network|host|server|destination) (?:is )?(?:unreachable|down|not responding|did not respond)
        (?:unable|cannot|can't|could not|couldn't|wasn't able|not able|failed) (?:to )?(?:connect|establish|
            contact|reach|resolve|transfer)  did not respond  timed? ?out
        (?:dns|name server|name service|mx)(?: \S+){0,4} (?:fail|error|timeout|not respond|lookup)
        no answer from host  temporar(?:y|ily) (?:lookup|resolution|dns)  i couldn't find a mail exchanger
        socket error
    """,
    "greylisted": r"""
        gr[ae]y-?list  try again (?:\S+ ){0,3}(?:in|after) \d+
    """,
    "system": r"""
        (?:internal|local|system|server|configuration|mailer|temporary|i/o|input/output|database|resource|
            processing|delivery) (?:\S+ )?(?:error|failure|problem|misconfigur)
        (?:service|server|system|resources?)(?: \S+){0,2} (?:temporarily )?(?:unavailable|busy|
            not available|overload)  try (?:again )?later  out of memory  mailer error
        command (?:died|failed|time)  can'?t (?:create|open|write|connect)  could not (?:load|open|write)
        insufficient system  systemfehler
    """,
}


def compiled(phrases: str) -> re.Pattern[str]:
    """Make one expression of the alternatives."""
    joined = re.sub(r"\|\n\s*", "|", phrases)
    return re.compile("|".join(f"(?:{each})" for each in re.split(r"\n\s*|[ ]{2,}", joined.strip())))
