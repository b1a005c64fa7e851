"""Requests about what the devices of an account share."""

from chat_server.requests.handlers import handles
from chat_server.services import Services
from chat_server.sessions.session import Session, account_of
from chat_shared import messages as m


@handles(m.Preferences)
async def preferences(
    services: Services, session: Session, request: m.Preferences
) -> m.PreferenceList:
    values = await services.preferences.load(account_of(session).id)
    return m.PreferenceList(re=request.id, values=values)


@handles(m.SetPreferences)
async def set_preferences(services: Services, session: Session, request: m.SetPreferences) -> None:
    account = account_of(session)
    await services.preferences.save(account.id, request.values)
    # Reply and events in one step: each device learns in which order the devices were served.
    session.send(m.Ok(re=request.id))
    for other in account.sessions:
        if other.welcomed and other is not session:
            other.send(m.PreferencesChanged(request.values))
