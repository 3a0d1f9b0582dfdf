"""What newsletters say around their articles, in the languages we have met: tables, and nothing else.

All patterns are matched against lower-case text with single spaces. A language is added by its words here.
"""

from __future__ import annotations

import re
from typing import Final


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


# The link to the issue on the web, by the text of the link.
ONLINE: Final = _any(
    r"\b(?:view|read|open|see|display|show)\b.{0,30}\b(?:online|in (?:your |a |the )?(?:web ?)?browser"
    r"|on (?:the )?web(?:site)?"
    r"|as a web ?page|web version|on (?:our|my) (?:site|blog|website))\b",
    r"\bread on [a-z.]{2,20}$",
    r"^(?:read |view |open )?(?:online|web version|webversion|browser version|in browser)\W*$",
    r"(?:im|in ihrem|in deinem) browser|online ?(?:ansehen|lesen|ansicht|version)|webversion"
    r"|(?:ansicht|lesen) im web",
    r"(?:voir|lire|afficher|consulter|ouvrir).{0,40}(?:en ligne|navigateur|version web)|version en ligne",
    r"(?:ver|leer|abrir).{0,40}(?:en (?:el |tu |su )?navegador|en línea|en la web|versión web)",
    r"(?:ver|ler|abrir).{0,40}(?:no (?:seu )?navegador|on-?line)",
    r"(?:visualizza|leggi|apri|vedi).{0,40}(?:nel (?:tuo )?browser|online)",
    r"(?:bekijk|lees|open).{0,40}(?:online|in (?:je |uw |de )?browser)",
    r"(?:visa|läs|öppna).{0,40}(?:webbläsare|online|webben)",
    r"(?:otwórz|zobacz|wyświetl).{0,40}(?:przeglądar|online)",
    r"(?:открыть|посмотреть|читать|просмотр).{0,40}(?:браузер|онлайн|на сайте)|веб-верси",
    r"(?:在|用|通过)?(?:浏览器|瀏覽器|网页|網頁)(?:版|中|上|里)?(?:打开|開啟|查看|檢視|阅读|閱讀|浏览|瀏覽|观看)|(?:在线|線上|网页版|網頁版)(?:阅读|閱讀"
    r"|查看|版|观看)"
    r"|(?:查看|阅读|閱讀|打开)(?:网页版|網頁版|在线版|原文)",
    r"ブラウザ(?:ー)?で(?:見る|読む|表示|開く)|ウェブ(?:版|で)|웹(?:에서|브라우저)",
)
HERE: Final = _any(
    r"^(?:click |tap )?(?:here|this link|hier|ici|aquí|aqui|qui|tutaj|здесь"
    r"|点击这里|点这里|此处|這裡|こちら|여기)\W*$"
)

# Links that only the subscriber may use: leaving, settings. By text, and by address.
LEAVE: Final = _any(
    r"\bunsubscribe\b|\bopt[ -]?out\b|\bun-?subscribe\b|\bstop receiving\b|\bsubscription (?:settings"
    r"|preferences|options)\b",
    r"\b(?:manage|update|edit|change|adjust)\b.{0,30}\b(?:preferences|subscriptions?|profile|settings"
    r"|e-?mail|frequency)\b",
    r"\b(?:e-?mail|subscriber|notification) (?:preferences|settings)\b|\bpause (?:these )?e-?mails\b"
    r"|\b\d+ day break\b",
    r"abmelden|abbestellen|austragen|abonnement (?:verwalten|kündigen)|einstellungen (?:ändern|verwalten)",
    r"d[ée]s(?:inscri|abonn)|g[ée]rer (?:mes|vos|tes) (?:pr[ée]f[ée]rences|abonnements)"
    r"|modifier (?:mes|vos) pr[ée]f[ée]rences",
    r"(?:cancelar|anular) (?:la |mi |a )?(?:suscripci|inscri|assinatura)|darse de baja"
    r"|dar(?:me)? de baja|desuscri"
    r"|descadastr|(?:gestionar|administrar) (?:mis |tus )?preferencias",
    r"cancella(?:ti|re|)\W.{0,12}iscrizione|disiscri|annulla (?:l'|la )?iscrizione"
    r"|gestisci (?:le )?(?:tue )?preferenze",
    r"uitschrijven|afmelden|voorkeuren (?:aanpassen|wijzigen|beheren)|avregistrera|avprenumerera"
    r"|avmelde|afmeld",
    r"wypisz|rezygn|отписаться|отписка|управление подпиской",
    r"退订|退訂|取消(?:订阅|訂閱)|管理(?:订阅|訂閱|偏好)|(?:邮件|郵件|订阅|訂閱)(?:设置|設定|偏好)|(?:停止|不再)接收",
    r"配信(?:停止|解除)|購読(?:解除|停止)|登録解除|수신 ?거부|구독 ?취소",
)  # fmt: skip
LEAVE_URL: Final = re.compile(
    r"unsub(?:scri|\b|[/?_-])|opt[-_]?out|/manage(?:[-_/]|$)|(?:email|subscription"
    r"|communication)[-_]?preferences|/preferences?\b"
    r"|list-manage\.com/(?:unsubscribe|profile|about)|disable_email|/subscribers/[^/]+/(?:edit"
    r"|unsubscribe)|abmelde|desinscri"
    r"|desabonn|update[-_]profile|profile-?center|removeme",
)

# Lines that say why it was sent, whose it is, and where to complain.
FOOTER: Final = _any(
    r"^(?:copyright )?(?:©|\(c\)|copyright ?©?) ?\d{4}|^all rights reserved",
    r"you(?:'re|’re| are| were| have)? ?(?:receiv(?:e|ed|ing)|got|getting) (?:this|our|these)\b",
    r"(?:this|the) (?:e-?mail|message|newsletter) (?:was|is|has been) (?:sent|intended|delivered)\b"
    r"|^(?:was )?sent (?:to|by|from)\b",
    r"because you(?:'ve|’ve| have)? (?:subscribed|signed up|opted|registered|are (?:a )?subscri)",
    r"add (?:us|this address|our address|\S+@\S+) to (?:your )?(?:address|contacts|safe)",
    r"^(?:our )?mailing address|was this (?:e-?mail|newsletter) forwarded|^forwarded this (?:e-?mail"
    r"|newsletter)\?",
    r"(?:sie|du) (?:erhalten|erhältst|bekommst|bekommen) (?:diese|diesen|den|unseren)\b"
    r"|wurde an .{0,80} (?:gesendet|versandt)",
    r"vous (?:recevez|avez reçu) (?:cet?|cette|ce|notre)\b|(?:ce|cet) (?:message|e-?mail) (?:a été"
    r"|est) (?:envoyé|adressé)",
    r"(?:recibe|recibes|recibiste|ha recibido) este|(?:ricevi|hai ricevuto|ricevete) quest|(?:você"
    r"|recebeu|recebe) (?:está recebendo |est)",
    r"(?:u|je) ontvangt (?:deze|dit)|вы получили это|вы получаете это",
    r"(?:您|你)(?:收到|接收)(?:到)?(?:这|這|此|本)|(?:本|此)(?:邮件|郵件)(?:由|是|发送|發送)",
    r"(?:版权|版權)所有|このメールは|본 메일은",
)  # fmt: skip

# Furniture: sharing, reacting, apps, what the platform says of itself. By the whole text of a link.
SOCIAL: Final = re.compile(
    r"^\W*(?:share(?: (?:this )?(?:post|article|newsletter|issue|story|on \w+)?)?|share .{1,40}"
    r"|click to share|like"
    r"|comment|restack|save|retweet|tweet(?: this)?"
    r"|forward(?: (?:this|to a friend))?.{0,20}|invite a friend|refer (?:a friend|friends)"
    r"|send (?:this )?to a friend|email this|follow(?: us)?(?: on \w+)?"
    r"|twitter|x|facebook|instagram|linkedin|youtube|tiktok|whatsapp|telegram|mastodon|threads|bluesky"
    r"|pinterest|reddit|weibo|wechat|rss|website|email"
    r"|open in (?:the )?(?:substack )?app|read in (?:the )?app|get (?:the )?app|download (?:the"
    r"|our) app|app store|google play"
    r"|(?:start writing|publish on (?:substack|beehiiv)|powered by .{0,30}|sent with .{0,30}"
    r"|get started writing)"
    r"|teilen|weiterempfehlen|weiterleiten|partager|transférer|transf[ée]rer à un ami|compartir"
    r"|condividi|inoltra|delen|doorsturen|поделиться"
    r"|分享|转发|轉發|点赞|评论|在看|推荐给朋友|分享到.{0,8}|シェア|공유)\W*$"
)
SHARE_URL: Final = re.compile(
    r"^mailto:\?|facebook\.com/(?:sharer|share|dialog)|(?:twitter|x)\.com/(?:intent|share)"
    r"|linkedin\.com/(?:share|cws)"
    r"|wa\.me/\?|api\.whatsapp\.com/send|t\.me/share|reddit\.com/submit|service\.weibo\.com/share"
    r"|pinterest\.[a-z.]+/pin/create"
    r"|news\.ycombinator\.com/submitlink|getpocket\.com/(?:save|edit)|forward-to-friend|/forward(?:[/?]|$)"
)

# Advertising, by the first words of a block.
ADVERT: Final = re.compile(
    r"^\W*(?:sponsored\b|sponsor(?:s|ed by)?\W*$|advertis(?:ement|ing)|a message from\b"
    r"|together with\b|presented by\b|brought to you by\b|promoted\b|paid partner"
    r"|.{0,40}\bbrought to you by\b|our sponsors?\b|anzeige\b|werbung\b|gesponsert|publicité\b"
    r"|sponsorisé|publicidad\b|patrocinado"
    r"|pubblicità|advertentie|реклама"
    r"|广告|廣告|赞助|贊助|推广$|広告|スポンサー|광고)"
)

# Blocks that ask something of the reader: to rate, to pay, to bring friends. By their first words.
ASKS: Final = re.compile(
    r"^\W*(?:what(?:'d|’d| did) you think|how did we do|rate (?:this|today)|(?:was|did) (?:this"
    r"|you) .{0,20}(?:helpful|enjoy|like)"
    r"|share\b|refer\b|upgrade\b|subscribe\b|become a (?:paid )?(?:member|subscriber)"
    r"|.{0,30}\bfree trial\b|free version"
    r"|(?:wie|was) (?:hat|fanden) .{0,20}gefallen|qu'avez-vous pensé|votre avis|你觉得|评价)"
)

# Links that carry no title of their own.
MORE: Final = re.compile(
    r"^\W*(?:(?:read|learn|find out|see|view|click(?: here)? (?:to|for)|continue|keep) ?(?:more"
    r"|reading|read|the (?:full )?(?:article|story|post))?.{0,30}|more|details|full (?:story|article)"
    r"|here|this|link|source|watch(?: now| the video)?|listen(?: now)?|go|weiter ?lesen.{0,12}"
    r"|mehr(?: lesen| erfahren)?.{0,20}|zum artikel|(?:lire|en lire|voir) (?:la suite|plus"
    r"|l[’']article).{0,40}"
    r"|en savoir plus|leer más|seguir leyendo|ver más|leggi (?:tutto|di più)|continua a leggere"
    r"|lees (?:meer|verder)|leia mais|подробнее|читать (?:далее|дальше)"
    r"|(?:点击)?(?:阅读|查看|閱讀)?(?:全文|原文|更多|详情|詳情)|继续阅读|繼續閱讀|続きを読む|더 ?보기)\W*$"
)

# A mail that asks the subscriber to confirm. In subject or text; and the link that does it.
CONFIRM: Final = _any(
    r"\b(?:confirm|verify|activate|validate)\b.{0,40}\b(?:subscription|e-?mail|address|sign-?up"
    r"|registration|opt-?in|account|membership)\b",
    r"\b(?:subscription|e-?mail|sign-?up|registration|opt-?in)\b.{0,30}\b(?:confirmation"
    r"|verification)\b|^confirm [0-9a-f]{8,}$",
    r"\bplease confirm\b|\bconfirm your\b|\bone (?:more|last|final) step\b"
    r"|\baction required\b.{0,40}\bconfirm",
    r"bestätig\w*.{0,60}(?:anmeldung|abo|newsletter|e-?mail|adresse|registrierung)|(?:anmeldung|abo\w*"
    r"|newsletter|e-?mail|adresse).{0,60}bestätig",
    r"confirm(?:ez|er|ation).{0,40}(?:inscription|abonnement|adresse|e-?mail)|(?:inscription"
    r"|abonnement).{0,40}confirm",
    r"confirm(?:a|ar|e|ación|ação|ção).{0,40}(?:suscripci|inscri|correo|e-?mail|assinatura|cadastro)",
    r"conferm\w*.{0,40}(?:iscrizione|e-?mail|indirizzo)|bevestig\w*.{0,40}(?:inschrijving|aanmelding"
    r"|abonnement|e-?mail)",
    r"bekräfta.{0,40}(?:prenumeration|e-?post)|potwierd\S*.{0,40}(?:subskrypcj|adres|zapis)"
    r"|подтверд\S*.{0,40}(?:подписк|адрес|почт|регистрац)",
    r"(?:确认|確認|验证|驗證|激活|啟用)(?:您|你)?(?:的)?(?:订阅|訂閱|邮箱|郵箱|邮件|郵件|电子邮|電子郵|注册|註冊|帐号|账号)|(?:订阅|訂閱|邮箱|郵箱"
    r"|注册)(?:确认|確認|验证|驗證)",
    r"(?:登録|購読|メール).{0,20}(?:確認|認証)|(?:구독|이메일).{0,10}(?:확인|인증)",
)  # fmt: skip
CONFIRM_LINK: Final = _any(
    r"\bconfirm|\bverify\b|\bactivate\b|\bvalidate\b|\byes,? (?:subscribe|sign) me\b|\bcomplete (?:my "
    r"|your )?(?:subscription|sign-?up|registration)\b",
    r"bestätig|confirm(?:er|ez|ar|o)|je confirme|conferm|bevestig|bekräfta|potwierd|подтверд",
    r"确认|確認|验证|驗證|激活|認証|확인|인증",
)  # fmt: skip
CONFIRM_URL: Final = re.compile(r"confirm|opt-?in|verif|activat|validat|bestaetig|double-?opt|doi[/=]")

# A mail that greets whoever comes; issues begin so as well.
WELCOME: Final = _any(
    r"^(?:hi|hey|hello)?[ ,!\w]{0,30}welcome to\b|^welcome(?: aboard|!|,|$)",
    r"^(?:herzlich )?willkommen\b|^bienvenue\b|^¡?bienvenid[oa]s?\b|^benvenut[oiae]\b|^bem-vind[oa]",
    r"^welkom\b|^välkommen\b|^добро пожаловать",
    r"^(?:您好?[,，！!]?)?(?:欢迎|歡迎)(?:您|你)?(?:加入|关注|關注)|^ようこそ",
)
# And one that speaks of the subscription that has just begun.
SUBSCRIBED: Final = _any(
    r"^thank(?:s| you)(?: so much| very much)? for (?:subscribing\b|(?:signing up|joining)"
    r"(?=\W*$|[!.,]| (?:to|for) (?:the|our|my|this)\b| us\b))",
    r"^you(?:'re|’re| are) (?:now |all )?(?:subscribed|signed up|on the list|in)\b"
    r"|^(?:your )?subscription (?:is )?(?:now )?(?:confirmed|active|complete)",
    r"^danke für (?:ihre|deine) anmeldung|^merci (?:de"
    r"|pour) (?:votre|ton|vous être) ?(?:inscription|abonnement|inscrit|abonné)",
    r"^gracias por (?:suscribir|registrar)|^grazie per (?:esserti|esserci|l'iscrizione|la tua iscrizione)",
    r"^bedankt voor (?:je|uw) (?:aanmelding|inschrijving)|^спасибо за подписку",
    r"^(?:您好?[,，！!]?)?(?:欢迎|歡迎)(?:您|你)?(?:订阅|訂閱)|^(?:感谢|感謝)(?:您|你)?(?:的)?(?:订阅|訂閱|注册|註冊)"
    r"|(?:订阅|訂閱)成功",
    r"^ご登録ありがとう|^구독해 ?주셔서",
)  # fmt: skip
