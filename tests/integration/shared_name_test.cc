// Two directories whose projects have one name, two clones of a repository say.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using testing::HasSubstr;
using testing::Not;

class SharedNameTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    Write("apps/web/nopo.yml",
          absl::StrCat("image: ", image(),
                       "\ninfrastructure: {command: 'echo from the first; exec sleep 600'}\n"));
    other_ = project().parent_path() / "other";
    std::filesystem::copy(project(), other_, std::filesystem::copy_options::recursive);
    std::filesystem::rename(other_ / "apps/web", other_ / "apps/zed");
  }
  ProcessOutcome Other(const std::vector<std::string>& arguments) {
    return NopoIn(other_, arguments);
  }

  std::filesystem::path other_;
};

TEST_F(SharedNameTest, UpRefusesAndNamesTheOtherDirectory) {
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const std::string id = ContainerOf("web").id;

  const ProcessOutcome up = Other({"up"});

  EXPECT_EQ(up.exit_code, 4);
  EXPECT_THAT(up.err, HasSubstr(absl::StrCat("the project in ", project().string(),
                                             " has the name '", slug(), "' too")));
  EXPECT_THAT(up.err, HasSubstr(absl::StrCat("run `nopo down` in ", project().string())));
  EXPECT_EQ(ContainerOf("web").id, id);
  EXPECT_TRUE(ContainersOf("zed").empty());
}

TEST_F(SharedNameTest, DownStatusAndLogsLeaveTheOthersContainersOut) {
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  std::filesystem::rename(other_ / "apps/zed", other_ / "apps/web");

  const ProcessOutcome down = Other({"down"});
  const ProcessOutcome status = Other({"status"});
  const ProcessOutcome logs = Other({"logs"});

  EXPECT_EQ(down.exit_code, 0) << down.err;
  EXPECT_THAT(down.err, HasSubstr(project().string()));
  EXPECT_EQ(ContainerOf("web").state, ContainerState::kRunning);
  EXPECT_THAT(status.out, HasSubstr("absent"));
  EXPECT_THAT(status.out, HasSubstr(project().string()));
  EXPECT_THAT(logs.out, Not(HasSubstr("from the first")));
}

TEST_F(SharedNameTest, AMovedProjectKeepsItsContainers) {
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const std::string id = ContainerOf("web").id;
  std::filesystem::remove_all(other_);
  std::filesystem::rename(project(), other_);

  const ProcessOutcome up = Other({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(ContainerOf("web").id, id);
}

TEST_F(SharedNameTest, ANameThatWasGivenUpIsFree) {
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  Write("nopo.yml", absl::StrReplaceAll(Read("nopo.yml"), {{slug(), "another-name"}}));

  const ProcessOutcome up = Other({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_TRUE(ContainersOf("web").empty());
  EXPECT_EQ(ContainersOf("zed").size(), 1);
}

}  // namespace
}  // namespace nopo
