// Files that nobody writes by mistake. None of them may cost much time, memory or stack.
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(HostileFileTest, IsRefusedForItsKindSizeAndContent) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop");
  files.Write("apps/large/nopo.yml", std::string((1 << 20) + 1, '#'));
  files.Write("apps/nul/nopo.yml", std::string("a: b\n\0", 6));
  files.Write("apps/latin/nopo.yml", "name: caf\xE9\n");
  std::filesystem::create_directories(files.root() / "apps/dir/nopo.yml");
  std::filesystem::create_directories(files.root() / "apps/fifo");
  ASSERT_EQ(::mkfifo((files.root() / "apps/fifo/nopo.yml").c_str(), 0600), 0);
  EXPECT_EQ(files.Mistakes(),
            "apps/dir/nopo.yml: found a directory; expected a regular file\n"
            "apps/fifo/nopo.yml: found a FIFO; expected a regular file\n"
            "apps/large/nopo.yml: is larger than 1 MiB; expected a smaller file\n"
            "apps/latin/nopo.yml: found bytes that are not UTF-8 in line 1; expected UTF-8 text\n"
            "apps/nul/nopo.yml: found a NUL byte in line 2; expected UTF-8 text");
}

// Takes from this thread, for as long as it lives, what lets root read everything.
class WithoutPrivileges {
 public:
  WithoutPrivileges() {
    EXPECT_EQ(::syscall(SYS_capget, &header_, saved_), 0);
    __user_cap_data_struct none[2] = {saved_[0], saved_[1]};
    none[0].effective &= ~((1u << CAP_DAC_OVERRIDE) | (1u << CAP_DAC_READ_SEARCH));
    EXPECT_EQ(::syscall(SYS_capset, &header_, none), 0);
  }
  ~WithoutPrivileges() { EXPECT_EQ(::syscall(SYS_capset, &header_, saved_), 0); }

 private:
  __user_cap_header_struct header_ = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct saved_[2] = {};
};

TEST(HostileFileTest, IsRefusedWithThePermissionReasonWhenUnreadable) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop").Write("apps/web/nopo.yml", "");
  std::filesystem::permissions(files.root() / "apps/web/nopo.yml", std::filesystem::perms::none);
  const WithoutPrivileges unprivileged;
  const absl::Status status = LoadProject(files.root()).status();
  EXPECT_EQ(status.message(), "apps/web/nopo.yml: cannot be read: permission denied");
  EXPECT_EQ(ReasonOf(status), Reason::kPermission);
}

TEST(HostileFileTest, IsWarnedOfWhenNobodyCanTellWhetherItIsThere) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop").Write("apps/web/nopo.yml", "");
  std::filesystem::permissions(files.root() / "apps/web", std::filesystem::perms::none);
  {
    const WithoutPrivileges unprivileged;
    EXPECT_THAT(files.Load()->warnings,
                ElementsAre("apps/web: cannot be searched for a nopo.yml: permission denied"));
  }
  std::filesystem::permissions(files.root() / "apps/web", std::filesystem::perms::owner_all);
}

TEST(HostileFileTest, IsRefusedWhenItIsALinkToItselfOrToNothing) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop").Write("apps/gone/x", "").Write("apps/loop/x", "");
  std::filesystem::create_symlink("nowhere", files.root() / "apps/gone/nopo.yml");
  std::filesystem::create_symlink("nopo.yml", files.root() / "apps/loop/nopo.yml");
  EXPECT_EQ(files.Mistakes(),
            "apps/gone/nopo.yml: found a link to nothing; expected a regular file\n"
            "apps/loop/nopo.yml: cannot be read: Too many levels of symbolic links");
}

TEST(HostileFileTest, IsStillTheProjectsRoot) {
  TemporaryProject files;
  files.Write("shop/apps/x", "");
  std::filesystem::create_symlink("nopo.yml", files.root() / "shop/nopo.yml");
  EXPECT_EQ(FindProjectRoot(files.root() / "shop/apps", "").value(), files.root() / "shop");
  EXPECT_EQ(LoadProject(files.root() / "shop").status().message(),
            "nopo.yml: cannot be read: Too many levels of symbolic links");
}

std::string Repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(HostileFileTest, StopsAtNestingInEveryStyle) {
  for (const std::string bracket : {"[", "{a: ", "- ", "? ", "&a [", "!!seq ["}) {
    TemporaryProject files;
    files.Write("nopo.yml", Repeated(bracket, (1 << 20) / static_cast<int>(bracket.size())));
    EXPECT_THAT(files.Mistakes(),
                ::testing::AnyOf(HasSubstr("found nesting deeper than 64 levels; expected less"),
                                 HasSubstr("found invalid YAML"),
                                 HasSubstr("found a key that is no plain text")))
        << bracket;
  }
}

TEST(HostileFileTest, MayNestSixtyFourLevels) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: a\nx-deep: " + Repeated("[", 63) + Repeated("]", 63) + "\n");
  EXPECT_EQ(files.Mistakes(), "");
  files.Write("nopo.yml", "name: a\nx-deep: " + Repeated("[", 64) + Repeated("]", 64) + "\n");
  EXPECT_THAT(files.Mistakes(), EndsWith("found nesting deeper than 64 levels; expected less"));
}

TEST(HostileFileTest, MayNotExpandAliasesWithoutEnd) {
  TemporaryProject files;
  std::string text = "name: a\nx-0: &x0 [a, b, c, d, e, f, g, h, i, j]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string alias = "*x" + std::to_string(i - 1) + ", ";
    text += "x-" + std::to_string(i) + ": &x" + std::to_string(i) + " [" + Repeated(alias, 9) +
            "*x" + std::to_string(i - 1) + "]\n";
  }
  files.Write("nopo.yml", text);
  EXPECT_THAT(files.Mistakes(), EndsWith("aliases expand to more than 10000 nodes; expected fewer "
                                         "aliases"));
}

TEST(HostileFileTest, GetsNoMoreThanAHundredLines) {
  TemporaryProject files;
  files.Write(
      "nopo.yml", "name: a\nroot:\n  commands:\n" + [] {
        std::string commands;
        for (int i = 0; i < 20'000; ++i) commands += "    c" + std::to_string(i) + ": []\n";
        return commands;
      }());
  EXPECT_THAT(files.Mistakes(), StartsWith("nopo.yml:4:"));
  EXPECT_THAT(files.Mistakes(), EndsWith("\nand 19900 more mistakes"));
}

// "NAME0: x, NAME1: x, ..."
std::string Numbered(const std::string& name, int count) {
  std::string entries;
  for (int i = 0; i < count; ++i) entries += name + std::to_string(i) + ": x, ";
  return entries;
}

TEST(HostileFileTest, MayNotMultiplyWhatSubCommandsInherit) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: a\nroot: {commands: {c: {env: {" + Numbered("A", 20'000) +
                              "}, commands: {" + Numbered("c", 2'000) + "}}}}\n");
  EXPECT_THAT(files.Mistakes(),
              EndsWith("found that sub-commands inherit more than 16 MiB of 'env' and 'dir'; "
                       "expected less"));
  files.Write("nopo.yml", "name: a\nroot: {commands: {c: {env: {" + Numbered("A", 100) +
                              "}, commands: {" + Numbered("c", 200) + "}}}}\n");
  EXPECT_EQ(files.Mistakes(), "");
}

TEST(HostileFileTest, MayNotRepeatRangesOfPorts) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: a\n");
  files.Write("apps/web/nopo.yml", "compose: {ports: [1-65535]}\n");
  EXPECT_EQ(files.Mistakes(), "");
  files.Write("apps/web/nopo.yml", "compose: {ports: [" + Repeated("1-65535, ", 50'000) + "]}\n");
  EXPECT_EQ(files.Mistakes(),
            "apps/web/nopo.yml:1:18: compose.ports: found more than 65535 ports; expected fewer");
}

TEST(HostileFileTest, MayNotSearchTheProjectWithoutEnd) {
  TemporaryProject files;
  for (int i = 0; i < 200; ++i) files.Write("t/" + std::to_string(i) + "/a/x", "");
  std::string globs;
  for (int i = 0; i < 150; ++i) globs += "'**/*/**/" + std::to_string(i) + "*/**', ";
  files.Write("nopo.yml", "name: a\nservices: {dirs: [" + globs + "]}\n");
  EXPECT_THAT(files.Mistakes(), HasSubstr("found globs that look at more than 200000 directories; "
                                          "expected fewer or narrower ones"));
  files.Write("nopo.yml", "name: a\nservices: {dir: '" + Repeated("**/", 300'000) + "'}\n");
  EXPECT_THAT(files.Mistakes(), EndsWith("; expected at most 4096 characters"));
  files.Write("nopo.yml", "name: a\nservices: {dirs: [" + Repeated("a*, ", 201) + "]}\n");
  EXPECT_EQ(files.Mistakes(),
            "nopo.yml:2:18: services.dirs: found 201 directories; expected at most 200");
}

}  // namespace
}  // namespace nopo
