#include "cli/pipe_through.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace nopo {
namespace {

std::string Contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(PipeThroughTest, GivesTheProgramAllOfTheTextAndReturnsItsExitCode) {
  const std::filesystem::path file = testing::TempDir() + "pipe_through_test.txt";
  const std::string text(300'000, 'x');
  const auto exit_code = PipeThrough({"sh", "-c", "cat >" + file.string() + "; exit 7"}, text);
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 7);
  EXPECT_EQ(Contents(file), text);
  std::filesystem::remove(file);
}

TEST(PipeThroughTest, OutlivesAProgramThatReadsNothing) {
  EXPECT_EQ(*PipeThrough({"true"}, std::string(300'000, 'x')), 0);
}

TEST(PipeThroughTest, CountsTheSignalThatEndedTheProgram) {
  EXPECT_EQ(*PipeThrough({"sh", "-c", "kill -INT $$"}, ""), 130);
}

TEST(PipeThroughTest, SaysWhenThereIsNoSuchProgram) {
  EXPECT_TRUE(absl::IsNotFound(PipeThrough({"no-such-program-of-nopo"}, "").status()));
}

}  // namespace
}  // namespace nopo
