<?php

use Acme\Ledger\Ledger;
use PHPUnit\Framework\TestCase;

final class LedgerTest extends TestCase
{
    public function testSum(): void
    {
        self::assertSame(3, Ledger::sum(1, 2));
    }
}
