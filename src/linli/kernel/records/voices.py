"""Voice notes from the field (语音记录): judged by content, from staff only, never public."""

from __future__ import annotations

from linli.base.errors import Invalid, NotAllowed
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.records.files import Readable, read_upload, store_bytes
from linli.kernel.records.models import StoredFile

VOICE_LIMIT = 10 * 1024 * 1024


def voice_type(content: bytes) -> str:
    """What kind of recording this is (识别录音格式), empty for anything else; the sender's claim is not looked at."""
    if content.startswith(b"\x1aE\xdf\xa3") and b"webm" in content[:64]:
        return "audio/webm"
    if content.startswith(b"OggS"):
        return "audio/ogg"
    if content[4:8] == b"ftyp" and content[8:12] in {
        b"M4A ",
        b"mp42",
        b"isom",
        b"iso5",
        b"iso6",
        b"mp41",
        b"dash",
    }:
        return "" if b"vide" in content[:65536] else "audio/mp4"  # a film is no voice note
    return ""


def take_voice(upload: Readable | bytes, *, by: Actor) -> StoredFile:
    """Take in a voice note (收下语音), from staff only. Refuses what is no recording (`voices.not_a_voice`)."""
    if not by.is_staff:
        raise NotAllowed(
            "files.staff_only",
            Text("语音由工作人员在现场记录。", "Voice notes are taken by staff in the field."),
        )
    content = read_upload(upload, VOICE_LIMIT)
    kind = voice_type(content)
    if not kind:
        raise Invalid(
            "voices.not_a_voice",
            Text(
                "这个文件不是录音，没有收下。可以上传 webm、ogg 或 m4a 录音。",
                "This file is no recording and was not taken. webm, ogg and m4a can be sent.",
            ),
        )
    return store_bytes(content, media_type=kind)
