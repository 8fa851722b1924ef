"""What is wrong with an entry, in a sentence (填写错误的说法): the schema's findings in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linli.base.i18n import Text

SENTENCES = {
    "missing": Text("缺少这一项，请补上。", "This is missing. Please add it."),
    "extra_forbidden": Text("没有这一项，请去掉。", "There is no such entry. Leave it out."),
    "string_type": Text("这里要文字（字符串）。", "This has to be a string."),
    "string_too_long": Text("最多 {max_length} 个字，请删短。", "At most {max_length} characters."),
    "string_too_short": Text("至少 {min_length} 个字。", "At least {min_length} characters."),
    "string_pattern_mismatch": Text(
        "格式不对，请对照接口说明。", "The form is wrong; see the API's description."
    ),
    "float_type": Text("这里要数字，不带引号。", "This has to be a number, without quotes."),
    "float_parsing": Text("这里要数字。", "This has to be a number."),
    "finite_number": Text("这里要一个有限的数字。", "This has to be a finite number."),
    "int_type": Text("这里要整数，不带引号。", "This has to be a whole number, without quotes."),
    "int_parsing": Text("这里要整数。", "This has to be a whole number."),
    "int_parsing_size": Text("这个数太大了。", "This number is too large."),
    "int_from_float": Text("这里要整数。", "This has to be a whole number."),
    "bool_type": Text("这里要 true 或 false。", "This has to be true or false."),
    "bool_parsing": Text("这里要 true 或 false。", "This has to be true or false."),
    "list_type": Text("这里要列表。", "This has to be a list."),
    "too_long": Text("最多 {max_length} 项。", "At most {max_length} entries."),
    "dict_type": Text("这里要一个对象（{{…}}）。", "This has to be an object ({{…}})."),
    "model_type": Text("这里要一个对象（{{…}}）。", "This has to be an object ({{…}})."),
    "model_attributes_type": Text("这里要一个对象（{{…}}）。", "This has to be an object ({{…}})."),
    "literal_error": Text("只能是这几个之一：{expected}。", "One of these: {expected}."),
    "greater_than_equal": Text("不能小于 {ge}。", "Not less than {ge}."),
    "less_than_equal": Text("不能大于 {le}。", "Not more than {le}."),
    "uuid_parsing": Text("这里要 UUID。", "This has to be a UUID."),
    "uuid_type": Text("这里要 UUID。", "This has to be a UUID."),
}
OTHERWISE = Text("这里的内容不对，请对照接口说明。", "This is not right; see the API's description.")


def sentence(error: Mapping[str, Any]) -> Text:
    """The sentence for one finding of the schema; never the value itself, which may be personal."""
    found = SENTENCES.get(str(error["type"]), OTHERWISE)
    try:
        return found.format(**error.get("ctx", {}))
    except (KeyError, IndexError):
        return OTHERWISE
