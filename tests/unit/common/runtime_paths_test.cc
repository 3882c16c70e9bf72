#include "common/runtime_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <map>

#include "common/error.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<RuntimePaths> PathsIn(const std::map<std::string, std::string>& environment) {
  return FindRuntimePaths([&environment](absl::string_view name) {
    const auto found = environment.find(std::string(name));
    return found == environment.end() ? std::string() : found->second;
  });
}

TEST(RuntimePathsTest, HomeAloneIsEnough) {
  const absl::StatusOr<RuntimePaths> paths = PathsIn({{"HOME", "/home/ann"}});

  ASSERT_TRUE(paths.ok()) << paths.status();
  EXPECT_EQ(paths->socket, "/home/ann/.local/state/nopo/nopod.sock");
  EXPECT_EQ(paths->lock, "/home/ann/.local/state/nopo/nopod.sock.lock");
  EXPECT_EQ(paths->state_dir, "/home/ann/.local/state/nopo");
  EXPECT_EQ(paths->log, "/home/ann/.local/state/nopo/nopod.log");
}

TEST(RuntimePathsTest, TheRuntimeDirectoryHoldsTheSocket) {
  const absl::StatusOr<RuntimePaths> paths =
      PathsIn({{"HOME", "/home/ann"}, {"XDG_RUNTIME_DIR", "/run/user/1"}});

  ASSERT_TRUE(paths.ok()) << paths.status();
  EXPECT_EQ(paths->socket, "/run/user/1/nopo/nopod.sock");
  EXPECT_EQ(paths->state_dir, "/home/ann/.local/state/nopo");
}

TEST(RuntimePathsTest, NopoSocketAndStateHomeWin) {
  const absl::StatusOr<RuntimePaths> paths = PathsIn({{"NOPO_SOCKET", "/tmp/x.sock"},
                                                      {"XDG_RUNTIME_DIR", "/run/user/1"},
                                                      {"XDG_STATE_HOME", "/state"}});

  ASSERT_TRUE(paths.ok()) << paths.status();
  EXPECT_EQ(paths->socket, "/tmp/x.sock");
  EXPECT_EQ(paths->lock, "/tmp/x.sock.lock");
  EXPECT_EQ(paths->state_dir, "/state/nopo");
}

TEST(RuntimePathsTest, NowhereToGoIsAnErrorWithARemedy) {
  const absl::Status status = PathsIn({{"XDG_RUNTIME_DIR", "/run/user/1"}}).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(HintsOf(status), ::testing::Contains(HasSubstr("set HOME")));
}

TEST(RuntimePathsTest, ARelativeSocketIsABadArgument) {
  EXPECT_EQ(ExitCodeOf(PathsIn({{"HOME", "/h"}, {"NOPO_SOCKET", "x.sock"}}).status()),
            kExitBadArguments);
}

class PrivateDirectoryTest : public ::testing::Test {
 protected:
  PrivateDirectoryTest() {
    std::string pattern = ::testing::TempDir() + "/nopo-private-XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  ~PrivateDirectoryTest() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path dir_;
};

TEST_F(PrivateDirectoryTest, MakesItWithItsParentsForTheUserAlone) {
  ASSERT_TRUE(MakePrivateDirectory(dir_ / "a" / "b", true).ok());

  EXPECT_EQ(std::filesystem::status(dir_ / "a" / "b").permissions(),
            std::filesystem::perms::owner_all);
}

TEST_F(PrivateDirectoryTest, AnExistingOneIsFine) {
  ASSERT_TRUE(MakePrivateDirectory(dir_ / "a", true).ok());

  EXPECT_TRUE(MakePrivateDirectory(dir_ / "a", true).ok());
}

TEST_F(PrivateDirectoryTest, OneThatOthersCanWriteIsRefusedWhereItMatters) {
  std::filesystem::create_directory(dir_ / "a");
  ASSERT_EQ(::chmod((dir_ / "a").c_str(), 0777), 0);

  EXPECT_EQ(ExitCodeOf(MakePrivateDirectory(dir_ / "a", true)), kExitPermission);
  EXPECT_TRUE(MakePrivateDirectory(dir_ / "a", false).ok());
}

TEST_F(PrivateDirectoryTest, AFileInItsPlaceIsAnError) {
  std::ofstream(dir_ / "a") << "x";

  EXPECT_THAT(std::string(MakePrivateDirectory(dir_ / "a", true).message()),
              HasSubstr("is not a directory"));
}

}  // namespace
}  // namespace nopo
