"""Exchange with other installations (平台间交换): messages that neither get lost nor happen twice.

A county, or the city above it, runs an installation of its own. What one has to tell another travels as a message:

    a domain             →  exchange.sending.send(peer, kind, …)    in the transaction of the act itself
    the worker           →  sending.deliver_due()                    POST /api/v1/exchange/messages, until it is answered
    the other's API      →  receiving.receive(…)                     message kept and handler done, in one transaction
    a domain over there  →  registry.kind("matters.application", handler)

| word | 中文 | here |
|---|---|---|
| peer | 对方平台 | another installation: the county it serves, its address, its public keys |
| message | 交换消息 | one thing said, under a key of its own; kept on both sides, its content sealed |
| kind | 消息种类 | what a message is about; a domain registers who handles it |
| acknowledged | 已回执 | the other side has done what the message asks, and said so |

`models.py` · `envelope.py` what is signed, pure · `wire.py` HTTP: no redirect, no plain HTTP but to this machine ·
`peers.py` who is admitted · `registry.py` kinds · `sending.py` `receiving.py` · `reading.py` what a peer publishes ·
`retention.py` contents go, digests stay. The format is in docs/reference/exchange.md, why it is so in ADR 0012.
"""
