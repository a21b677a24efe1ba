"""The program behind `Mail`: keeps every mail in a Maildir folder, delivers to nobody."""

import asyncio
import sys
from pathlib import Path

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP

from deploy.local.ports import LOOPBACK


async def serve(folder: str, port: int) -> None:
    """Accept mail for ever; each gets headers X-MailFrom and X-RcptTo from its envelope."""
    keep = Mailbox(Path(folder))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keep, enable_SMTPUTF8=True, hostname="localhost"), LOOPBACK, port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
