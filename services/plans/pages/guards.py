"""Who may open a page here, as its route says it."""

from typing import Annotated

from fastapi import Depends

from services.chassis.scope import Principal
from services.chassis.signed_in import require
from services.plans.scopes import LEDGER_READERS, READERS, WRITERS

Writer = Annotated[Principal, Depends(require(*WRITERS))]
Reader = Annotated[Principal, Depends(require(*READERS))]
LedgerReader = Annotated[Principal, Depends(require(*LEDGER_READERS))]
