#include "cli/trace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "common/error.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TraceFileTest : public testing::Test {
 protected:
  TraceFileTest() {
    std::string name = testing::TempDir() + "trace-XXXXXX";
    dir_ = ::mkdtemp(name.data());
  }
  ~TraceFileTest() override { std::filesystem::remove_all(dir_); }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  std::string Read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(dir_ / name).rdbuf();
    return text.str();
  }

  std::filesystem::path dir_;
};

TEST_F(TraceFileTest, ReplacesTheFileAndLeavesNothingElse) {
  std::ofstream(dir_ / "trace.json") << "an older and longer one";

  EXPECT_TRUE(WriteTraceFile(dir_ / "trace.json", "{}").ok());

  EXPECT_EQ(Read("trace.json"), "{}");
  EXPECT_THAT(Names(), ElementsAre("trace.json"));
}

TEST_F(TraceFileTest, CheckingChangesNothing) {
  EXPECT_TRUE(CheckTraceFile(dir_ / "trace.json").ok());

  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(TraceFileTest, CheckingFindsAFolderThatIsNotThere) {
  const absl::Status status = CheckTraceFile(dir_ / "absent" / "trace.json");

  EXPECT_EQ(ReasonOf(status), Reason::kBadArguments);
  EXPECT_THAT(status.message(), HasSubstr("absent/trace.json: No such file or directory"));
}

TEST_F(TraceFileTest, CheckingFindsWhatIsNoFile) {
  const absl::Status status = CheckTraceFile(dir_);

  EXPECT_EQ(ReasonOf(status), Reason::kBadArguments);
  EXPECT_THAT(status.message(), HasSubstr("is not a regular file"));
}

TEST_F(TraceFileTest, CheckingFindsAFolderThatMayNotBeWrittenTo) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  std::filesystem::permissions(
      dir_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);

  EXPECT_EQ(ReasonOf(CheckTraceFile(dir_ / "trace.json")), Reason::kPermission);
}

}  // namespace
}  // namespace nopo
