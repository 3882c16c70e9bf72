// Bytes that are no UTF-8, where users have them: in variables, arguments, names of files, output.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kOdd[] = "caf\xE9";
constexpr char kShown[] = "caf\xEF\xBF\xBD";

class OddBytesTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
};

TEST_F(OddBytesTest, ReachTasksInVariablesAndArgumentsAsTheyAre) {
  Write("apps/lib/nopo.yml", "commands: {show: 'printf \"%s\\n\" \"$ODD\"'}\n");
  environment()["ODD"] = kOdd;

  const ProcessOutcome shown = Nopo({"show", "lib", "--quiet", "--", kOdd});

  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr(absl::StrCat(kOdd, "\n[lib:show] ", kOdd)));
}

TEST_F(OddBytesTest, AreShownReplacedWhereTheyAreWrong) {
  Write("apps/lib/nopo.yml", "commands: {show: 'true'}\n");

  const ProcessOutcome unknown = Nopo({"show", kOdd});

  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.err, HasSubstr(kShown));
}

TEST_F(OddBytesTest, ABuildThatPrintsThemFailsLikeAnyOther) {
  WriteService("web", "infrastructure: {}\n", "RUN printf 'caf\\351\\n'; exit 4\n");

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 5);
  EXPECT_THAT(build.err, AllOf(HasSubstr("web:build"), HasSubstr(kShown)));
}

TEST_F(OddBytesTest, AFileOfSuchANameIsBuiltAndTold) {
  WriteService("web", "infrastructure: {}\n", "COPY . /all\n");
  Settle();
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  Write(std::string("apps/web/") + kOdd, "new");

  const ProcessOutcome why = Nopo({"why"});
  const ProcessOutcome build = Nopo({"build"});
  const ProcessOutcome builds = Nopo({"builds", "--json"});

  EXPECT_THAT(why.out, HasSubstr(kShown));
  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_THAT(builds.out, HasSubstr(kShown));
}

}  // namespace
}  // namespace nopo
