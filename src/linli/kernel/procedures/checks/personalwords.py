"""By which words a field is known to ask for personal data (个人信息的识别): its code and its titles.

Careful on purpose: the name of an organisation, the address of a place or a risk of a slope are nobody's personal data.
What is personal and named otherwise still has to be declared; a checker cannot read minds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import FieldDef

# Types that hold what somebody enters about a person; an organisation, a case or a ground never is.
HOLDS_DATA = frozenset(
    {
        "string",
        "text",
        "phone",
        "id_number",
        "choice",
        "radio",
        "integer",
        "date",
        "files",
        "photos",
    }
)
NOT_A_PERSON = re.compile(
    (
        r"名称|标题|单位|机构|组织|公司|企业|部门|机关|法院|村委|居委|委员会|商户|门店|店铺|店名|学校|医院|项目|工程|场所|设施|小区|楼盘|"
        r"道路|品牌|产品|树|作物|牲畜|动物|热线|值班|办公|窗口|客服|服务电话|咨询电话|投诉电话|监督电话|公开电话|"
        r"organi[sz]ation|compan|office|department|agency|authority|institution|business|shop|school|hospital|project|"
        r"facility|street|road|village|committee|hotline|court|employer|enterprise|vendor|product|brand|file name"
    ),
    re.IGNORECASE,
)
PERSONAL: tuple[tuple[Text, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (what, re.compile(rf"(?:^|_)(?:{codes})(?:$|_)"), re.compile(titles, re.IGNORECASE))
    for what, codes, titles in (
        (
            Text("姓名", "a name"),
            (
                r"(?:full|real|first|last|family|given|person|persons|applicant|reporter|resident|contact|party|owner|"
                r"victim|witness|agent|representative|child|parent|guardian|patient|candidate|member|tenant|signer|visitor|"
                r"caller|complainant|petitioner|respondent)s?_name|surname|xingming"
            ),
            r"姓名|称呼$|^联系人|^(?:your |full |real |first |last |family )?name$|name of (?:the )?(?:person|applicant|reporter)",
        ),
        (
            Text("电话", "a telephone number"),
            r"(?:mobile|phone|telephone|cell|cellphone|tel)(?:_(?:number|no))?|contact_number|wechat|wechat_id",
            r"联系电话|手机(?:号码?)?$|电话号码|联系方式|微信号|^电话$|^(?:tele|mobile |cell )?phone(?: number)?$|mobile number",
        ),
        (
            Text("证件号码", "an identity document"),
            r"(?:id|identity|passport|id_?card|social_security)_(?:card|number|no)|idcard|passport|ssn",
            r"身份证|护照|社会保障号|社保卡号|居住证号|^证件号|identity (?:card|number)|id (?:card|number)|passport",
        ),
        (
            Text("住址", "a home address"),
            r"(?:home|residential|residence|personal|postal|mailing|delivery|household)_address|domicile",
            (
                r"住址|家庭地址|居住地址|户籍地址|户籍所在地|通讯地址|通信地址|邮寄地址|收件地址|"
                r"(?:home|residential|postal|mailing|household) address|^your address$"
            ),
        ),
        (
            Text("出生日期", "a date of birth"),
            r"birth_?(?:date|day)|date_of_birth|dob",
            r"出生日期|出生年月|生日|date of birth|birthday|birth date",
        ),
        (
            Text("电子邮箱", "an e-mail address"),
            r"e_?mail(?:_address)?",
            r"电子邮箱|电子邮件|^邮箱|^e-?mail",
        ),
        (
            Text("银行账户", "a bank account"),
            r"bank_(?:account|card)(?:_(?:number|no))?|account_number|card_number|iban",
            r"银行卡|银行账[号户]|收款账[号户]|bank (?:account|card)|account number",
        ),
        (
            Text("健康信息", "health data"),
            (
                r"(?:health|medical|disability)_(?:condition|status|history|record|records|state)|illness|(?:medical|clinical|disease)_diagnosis|(?<!.)diagnosis(?!.)|"
                r"disability|disease_history"
            ),
            (
                r"健康状况|健康情况|身体状况|病史|病情|残疾类别|残疾等级|残疾情况|残疾证|诊断证明|诊断书|"
                r"medical (?:history|record)|state of health|health (?:condition|status)|^disabilit"
            ),
        ),
    )
)  # fmt: skip

FORBIDDEN: tuple[tuple[Text, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (what, re.compile(rf"(?:^|_)(?:{codes})(?:$|_)"), re.compile(titles, re.IGNORECASE))
    for what, codes, titles in (
        (
            Text("民族", "ethnicity"),
            r"ethnicity|ethnic|ethnic_group|ethnic_origin|(?<!.)race(?!.)|minzu",
            (
                r"^(?:您的?|本人|申请人|当事人)?的?(?:民族|族别|民族成分)$|是(?:什么|哪个|哪一)(?:民?族)|"
                r"^(?:your )?(?:ethnicity|ethnic (?:group|origin)|race)$|\byour (?:ethnic|ethnicity|race\b)|what ethnic"
            ),
        ),
        (
            Text("宗教信仰", "religion or belief"),
            r"religion|religious_(?:belief|beliefs|affiliation|faith)|faith|belief|beliefs",
            (
                r"宗教信仰|信教情况|^信仰$|^宗教$|信(?:仰|奉)?(?:什么|何种?|哪种|哪个|哪一种)(?:宗?教|神)|是否信教|"
                r"^(?:your )?(?:religion|faith|beliefs?)$|religious (?:belief|affiliation|faith)|\byour (?:religion|religious|faith)\b"
            ),
        ),
        (
            Text("政治态度", "political attitude"),
            (
                r"political_(?:attitude|status|view|views|opinion|opinions|affiliation|leaning|stance|background|belief|beliefs)|"
                r"politics"
            ),
            (
                r"政治面貌|政治态度|政治倾向|政治立场|政治表现|思想动态|"
                r"political (?:attitude|status|view|opinion|affiliation|leaning|stance|background)"
            ),
        ),
        (
            Text("生物识别信息", "biometric data"),
            (
                r"biometrics?|finger_?prints?|face_(?:image|photo|scan|id|print|feature|features|data|recognition|template)|"
                r"face_?prints?|facial(?:_\w+)?|iris(?:_scan)?|retina|voice_?prints?|palm_?prints?|gait|dna"
            ),
            (
                r"指纹|人脸|面部特征|面部识别|虹膜|声纹|掌纹|步态|基因信息|生物识别|生物特征|"
                r"biometric|fingerprint|face (?:scan|image|recognition)|facial|iris scan|voice ?print|\bgait\b|\bdna\b"
            ),
        ),
        (
            Text("对人的评分", "a score of a person"),
            (
                r"(?:person|personal|citizen|resident|individual|applicant|petitioner|reporter|social|human)_"
                r"(?:risk|risk_score|risk_level|risk_rating|score|credit|credit_score|rating)|credit_score|social_credit_score|"
                r"trust_score|loyalty_score|stability_risk"
            ),
            (
                r"(?:人员|个人|居民|村民|当事人|信访人|申请人|重点人)的?(?:风险|信用|稳定|危险)(?:等级|评分|分值|积分|评级|指数|分)|"
                r"个人信用分|社会信用分|稳控等级|(?:person|citizen|resident|individual|applicant|petitioner)(?:'s|s)? "
                r"(?:risk|credit|trust)|risk (?:score|level) of (?:the )?(?:person|resident|applicant|petitioner)|"
                r"(?:social |personal )credit score"
            ),
        ),
    )
)  # fmt: skip


CHOICES: tuple[tuple[Text, re.Pattern[str]], ...] = tuple(
    (what, re.compile(words, re.IGNORECASE))
    for what, words in (
        (
            Text("民族", "ethnicity"),
            r"少数民族|(?:汉|回|藏|满|壮|苗|彝|土家|蒙古|维吾尔|哈萨克|朝鲜|布依|侗|瑶|白|哈尼|傣|畲)族|ethnic minority|minority ethnic group",
        ),
        (
            Text("宗教信仰", "religion or belief"),
            (
                r"佛教徒?|道教徒?|伊斯兰教|穆斯林|基督教徒?|天主教徒?|无宗教信仰|buddhis[mt]|taois[mt]|islam|muslim|christian(?:ity)?|"
                r"catholic(?:ism)?|no religion"
            ),
        ),
    )
)


def plainly_personal(field: FieldDef) -> Text | None:
    """What personal data a field plainly asks for (明显的个人信息); none where its words do not say so."""
    if field.type not in HOLDS_DATA or any(NOT_A_PERSON.search(t) for t in (field.title.zh, field.title.en)):
        return None
    code = "" if NOT_A_PERSON.search(field.code.replace("_", " ")) else field.code
    return _first(code, field, PERSONAL)


def forbidden(field: FieldDef) -> Text | None:
    """What a field asks for that is refused whoever asks (禁止采集的信息)."""
    return _first(field.code, field, FORBIDDEN) or _by_choices(field)


def _by_choices(field: FieldDef) -> Text | None:
    """What is refused is refused as a choice, too (选项里的敏感信息)."""
    for what, said in CHOICES:
        if any(said.fullmatch(t.strip()) for _, title in field.choices for t in (title.zh, title.en)):
            return what
    return None


def _first(
    code: str, field: FieldDef, words: Iterable[tuple[Text, re.Pattern[str], re.Pattern[str]]]
) -> Text | None:
    plain = code.lower().replace("-", "_")
    for what, codes, titles in words:
        if codes.search(plain) or titles.search(field.title.zh) or titles.search(field.title.en):
            return what
    return None
