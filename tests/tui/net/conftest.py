from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from support.client_bench import Bench, fake_bench, real_bench


@pytest_asyncio.fixture(params=[fake_bench, real_bench], ids=["fake", "real"])
async def bench(request: pytest.FixtureRequest) -> AsyncGenerator[Bench]:
    async with request.param() as bench:
        bench.fake.account("ada")
        yield bench
