using Emulator.Core.Cpu;
using Emulator.Mmu;
using Emulator.Tests.Cpu;
using Xunit;

namespace Emulator.Tests.Mmu;

/// <summary>
/// Shadow tables of several address spaces: what MOV CR3 leaves of them is what the guest's own tables say, whoever wrote to those in the meantime.
/// Every root maps the first 4 MiB of memory a second time, so that page tables are written through themselves.
/// </summary>
public sealed unsafe class AddressSpaceTests
{
    // The last two tables have global pages, and are in the same place under every root.
    private const int Roots = 12, Tables = 8, OwnTables = 6, Frames = 32, PagesUsed = 16, FirstRegion = 4, OwnRegions = 4, Regions = 6;
    private const uint RootBase = 0x1_0000, DirectoryBase = 0x2_0000, TableBase = 0x4_0000, DirectTable = 0x6_0000, FrameBase = 0x20_0000;
    private const ulong Present = 1, Write = 2, User = 4, Large = 0x80, Global = 0x100;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void AfterMovCr3EveryAccessIsWhatTheGuestsTablesSay(int seed, bool pae)
    {
        using var guest = new Guest(seed, pae);
        for (int round = 0; round < 6000; round++)
        {
            guest.Change();
            guest.LoadCr3(guest.Random.Next(4) == 0 ? guest.Random.Next(Roots) : guest.Random.Next(3));
            for (int n = 0; n < 12; n++)
            {
                guest.Access();
            }
        }
        Assert.True(guest.Found > 10_000, $"only {guest.Found} accesses found memory");
    }

    [Fact]
    public void AnAddressSpaceThatComesBackIsNotWalkedAgain()
    {
        using var guest = new Guest(5, pae: false);
        guest.MapEverything();
        for (int n = 0; n < 8; n++)
        {
            guest.LoadCr3(n % 2);
            guest.ReadEverything();
        }
        long before = guest.Mmu.Fills;
        for (int n = 0; n < 100; n++)
        {
            guest.LoadCr3(n % 2);
            guest.ReadEverything();
        }
        Assert.Equal(before, guest.Mmu.Fills);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OneEntryThatChangedMeanwhileIsOneWalk(bool byDevice)
    {
        using var guest = new Guest(6, pae: false);
        guest.MapEverything();
        for (int n = 0; n < 8; n++)
        {
            guest.LoadCr3(n % 2);
            guest.ReadEverything();
        }
        long before = guest.Mmu.Fills;
        guest.SetEntry(TableBase + 4, FrameBase + 0x5000 | Present | Write | User, byDevice);
        guest.LoadCr3(0);
        guest.ReadEverything();
        // The page itself where its table is used; not the other pages of the table.
        Assert.InRange(guest.Mmu.Fills - before, 1, 6);
    }

    private sealed class Guest : IDisposable
    {
        private readonly TestCpu cpu = new();
        private readonly bool pae;
        private readonly int regionShift;

        public Guest(int seed, bool pae)
        {
            this.pae = pae;
            Random = new Random(seed);
            regionShift = pae ? 21 : 22;
            cpu.State->Cr0 = Cr0.PE | Cr0.PG | Cr0.WP | Cr0.ET;
            cpu.State->Cr4 = Cr4.PSE | Cr4.PGE | (pae ? Cr4.PAE : 0);
            for (uint n = 0; n < (pae ? 512u : 1024); n++)
            {
                SetEntry(DirectTable + (n * EntrySize), (n << 12) | Present | Write, byDevice: true);
            }
            for (uint n = 0; n < Roots; n++)
            {
                if (pae)
                {
                    cpu.Memory.WriteValue(RootOf((int)n), 8, DirectoryOf((int)n) | Present);
                }
                SetEntry(DirectoryOf((int)n) + (3 * EntrySize), DirectTable | Present | Write, byDevice: true);
                for (uint shared = 0; shared < Regions - OwnRegions; shared++)
                {
                    SetEntry(DirectoryOf((int)n) + ((FirstRegion + OwnRegions + shared) * EntrySize), (TableBase + ((OwnTables + shared) << 12)) | Present | Write | User, byDevice: true);
                }
            }
            LoadCr3(0);
        }

        public Random Random { get; }

        public int Found { get; private set; }

        public Emulator.Mmu.Mmu Mmu => cpu.Vcpu.Mmu;

        private uint EntrySize => pae ? 8u : 4;

        public void Dispose() => cpu.Dispose();

        // Two tables by turns in the regions of every root's own.
        public void MapEverything()
        {
            for (int root = 0; root < Roots; root++)
            {
                for (uint region = FirstRegion; region < FirstRegion + OwnRegions; region++)
                {
                    SetEntry(DirectoryOf(root) + (region * EntrySize), (TableBase + (region % 2 * 0x1000)) | Present | Write | User, byDevice: false);
                }
            }
            for (uint n = 0; n < Tables * PagesUsed; n++)
            {
                SetEntry(TableBase + (n / PagesUsed * 0x1000) + (n % PagesUsed * EntrySize), (FrameBase + (n % Frames << 12)) | Present | Write | User, byDevice: false);
            }
        }

        public void ReadEverything()
        {
            for (uint region = FirstRegion; region < FirstRegion + Regions; region++)
            {
                for (uint page = 0; page < PagesUsed; page++)
                {
                    Read((region << regionShift) | (page << 12), user: false);
                }
            }
        }

        // One to four entries, by the processor or by a device, with INVLPG for what may be global.
        public void Change()
        {
            for (int n = Random.Next(1, 5); n > 0; n--)
            {
                bool byDevice = Random.Next(4) == 0;
                ulong flags = (Random.Next(8) == 0 ? 0 : Present) | (Random.Next(3) == 0 ? 0 : Write) | (Random.Next(3) == 0 ? 0 : User);
                if (Random.Next(4) == 0)
                {
                    uint region = (uint)Random.Next(FirstRegion, FirstRegion + OwnRegions);
                    ulong value = Random.Next(10) == 0 ? (pae ? FrameBase : 0) | Large : TableBase + ((uint)Random.Next(OwnTables) << 12);
                    SetEntry(DirectoryOf(Random.Next(Roots)) + (region * EntrySize), value | flags, byDevice);
                }
                else
                {
                    uint page = (uint)Random.Next(PagesUsed), table = (uint)Random.Next(Tables);
                    ulong value = (FrameBase + ((uint)Random.Next(Frames) << 12)) | flags | (table >= OwnTables && Random.Next(2) == 0 ? Global : 0);
                    SetEntry(TableBase + (table << 12) + (page * EntrySize), value, byDevice);
                    if (table >= OwnTables)
                    {
                        Mmu.Invalidate(((FirstRegion + OwnRegions + table - OwnTables) << regionShift) | (page << 12));
                    }
                }
            }
        }

        public void SetEntry(uint address, ulong value, bool byDevice)
        {
            if (byDevice)
            {
                cpu.Memory.Write(address, BitConverter.GetBytes(value).AsSpan(0, (int)EntrySize));
            }
            else
            {
                Assert.True(SlowAccess.StoreLinear(cpu.State, (3u << regionShift) + address, (int)EntrySize, user: false, value));
            }
        }

        public void LoadCr3(int root)
        {
            if (pae)
            {
                Assert.True(Mmu.Walker.LoadPdptes(RootOf(root)));
            }
            cpu.State->Cr3 = RootOf(root);
            Mmu.FlushNonGlobal();
        }

        public void Access()
        {
            uint linear = ((uint)Random.Next(FirstRegion, FirstRegion + Regions) << regionShift) | ((uint)Random.Next(PagesUsed) << 12) | ((uint)Random.Next(1024) * 4);
            bool user = Random.Next(2) == 0;
            cpu.State->Cpl = user ? 3 : 0;
            Mmu.SelectPrivilege();
            if (Random.Next(3) == 0)
            {
                Store(linear, user);
            }
            else
            {
                Read(linear, user);
            }
            cpu.State->Cpl = 0;
            Mmu.SelectPrivilege();
        }

        private void Read(uint linear, bool user)
        {
            bool expected = Mmu.Walker.TryPeek(cpu.State, linear, out PageWalk walk) && (walk.User || !user);
            Assert.Equal(expected, SlowAccess.LoadLinear(cpu.State, linear, 4, user, out ulong value));
            cpu.State->FaultVector = -1;
            if (expected)
            {
                Found++;
                Assert.Equal(cpu.Memory.ReadValue(walk.Address, 4), value);
                // A global page of before needs no walk, and so no A bit in this root's directory.
                Assert.True(Mmu.Walker.TryPeek(cpu.State, linear, out walk) && (walk.Accessed || walk.Global));
            }
        }

        private void Store(uint linear, bool user)
        {
            bool expected = Mmu.Walker.TryPeek(cpu.State, linear, out PageWalk walk) && walk.Writable && (walk.User || !user);
            // A large page has the tables in it.
            if (expected && walk.Address < FrameBase)
            {
                return;
            }
            var value = (uint)Random.Next();
            Assert.Equal(expected, SlowAccess.StoreLinear(cpu.State, linear, 4, user, value));
            cpu.State->FaultVector = -1;
            if (expected)
            {
                Found++;
                Assert.Equal(value, cpu.Memory.ReadValue(walk.Address, 4));
                Assert.True(Mmu.Walker.TryPeek(cpu.State, linear, out walk) && walk.Dirty && (walk.Accessed || walk.Global));
            }
        }

        private static uint RootOf(int root) => RootBase + ((uint)root << 12);

        private uint DirectoryOf(int root) => pae ? DirectoryBase + ((uint)root << 12) : RootOf(root);
    }
}
