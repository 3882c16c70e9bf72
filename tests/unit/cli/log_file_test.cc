#include "cli/log_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/cli/recorded_console.h"

namespace nopo {
namespace {

std::string Tail(const std::string& contents, int lines) {
  const std::filesystem::path file =
      std::filesystem::path(::testing::TempDir()) / "nopo-log-file-test.log";
  std::ofstream(file) << contents;
  RecordedConsole recorded;
  EXPECT_TRUE(PrintLogFile(file, lines, recorded.console().out).ok());
  std::filesystem::remove(file);
  return recorded.out;
}

TEST(LogFileTest, PrintsTheLastLines) {
  EXPECT_EQ(Tail("one\ntwo\nthree\n", 2), "two\nthree\n");
  EXPECT_EQ(Tail("one\ntwo\nthree", 1), "three");
  EXPECT_EQ(Tail("one\n\n", 1), "\n");
}

TEST(LogFileTest, PrintsAllWhenThereAreFewerOrNoLimitIsGiven) {
  EXPECT_EQ(Tail("one\ntwo\n", 5), "one\ntwo\n");
  EXPECT_EQ(Tail("one\ntwo\n", -1), "one\ntwo\n");
}

TEST(LogFileTest, PrintsNothingOfNothing) {
  EXPECT_EQ(Tail("one\n", 0), "");
  EXPECT_EQ(Tail("", 3), "");
}

TEST(LogFileTest, NamesTheFileThatIsMissing) {
  const absl::Status status = PrintLogFile("/nowhere/nopod.log", -1, [](absl::string_view) {});
  EXPECT_EQ(status.message(), "cannot read the log /nowhere/nopod.log: No such file or directory");
}

}  // namespace
}  // namespace nopo
