"""Who handles which message (消息种类登记)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.domains.matters import cross_dispute_there as dispute
from linli.domains.matters import cross_news, cross_there, handing
from linli.domains.matters import cross_words as w
from linli.kernel.exchange.registry import follower, kind


def register() -> None:
    kind(
        w.APPLICATION,
        Text("交办申请", "application handed over"),
        cross_there.on_application,
        prepare=cross_news.prepare_files,
        answered=cross_news.application_answered,
        refused=cross_news.application_refused,
    )
    kind(w.NEWS, Text("办理进展", "news of a case"), cross_news.on_news, prepare=cross_news.prepare_files)
    kind(
        w.CORRECTION,
        Text("补正材料", "corrections"),
        cross_there.on_correction,
        prepare=cross_news.prepare_files,
        refused=cross_news.message_refused,
    )
    kind(w.WITHDRAWN, Text("撤回申请", "withdrawal"), cross_there.on_withdrawn)
    kind(w.HANDOVER, Text("寄出材料", "papers sent"), handing.on_handover, refused=cross_news.message_refused)
    kind(w.HANDED, Text("签收材料", "papers confirmed"), handing.on_taken)
    kind(w.DELIVERED, Text("送达本人", "delivered to the applicant"), cross_there.on_delivered)
    kind(
        w.DISPUTE,
        Text("提出责任协商", "dispute raised"),
        dispute.on_dispute,
        answered=dispute.dispute_answered,
        refused=dispute.dispute_refused,
    )
    for code, title, handle in (
        (w.DISPUTE_ANSWER, Text("答复责任协商", "dispute answered"), dispute.on_answer),
        (w.DISPUTE_REFERRED, Text("已报共同上级", "dispute referred"), dispute.on_referred),
        (w.DISPUTE_RULED, Text("共同上级裁定", "dispute ruled"), dispute.on_ruled),
        (w.DISPUTE_WITHDRAWN, Text("撤回责任协商", "dispute withdrawn"), dispute.on_withdrawn),
    ):
        kind(code, title, handle, refused=dispute.dispute_refused)
    follower(cross_there.tell_news)
