#include "daemon/build/build_inputs.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

class BuildInputsTest : public ::testing::Test {
 protected:
  // Some of each kind.
  BuildInputsTest() { before_ = now_ = Example(); }

  static BuildInputs Example() {
    BuildInputs inputs;
    inputs.Add(InputKind::kDockerfile, "apps/web/Dockerfile", "d1");
    inputs.Add(InputKind::kIgnoreRules, "", "i1");
    inputs.Add(InputKind::kStage, "", "");
    inputs.Add(InputKind::kPlatform, "", "linux/amd64");
    inputs.Add(InputKind::kArgument, "VERSION", "a1");
    inputs.Add(InputKind::kLabel, "team", "core");
    inputs.Add(InputKind::kBaseImage, "shop:local", "sha256:00112233445566778899");
    inputs.Add(InputKind::kSetting, "secrets", "npm");
    inputs.Add(InputKind::kFile, "apps/web/a.ts", "0644 1");
    inputs.Add(InputKind::kFile, "apps/web/b.ts", "0644 1");
    return inputs;
  }

  std::string Difference() const { return before_.FirstDifference(now_); }

  BuildInputs before_, now_;
};

TEST_F(BuildInputsTest, EqualOnesDoNotDiffer) { EXPECT_EQ(Difference(), ""); }

TEST_F(BuildInputsTest, NamesAFileThatChangedWasAddedOrRemoved) {
  now_.Add(InputKind::kFile, "apps/web/a.ts", "0644 2");
  EXPECT_EQ(Difference(), "apps/web/a.ts changed");
  EXPECT_EQ(BuildInputs().FirstDifference(Example()), "apps/web/Dockerfile added");
  now_ = Example();
  now_.Add(InputKind::kFile, "apps/web/c.ts", "0644 1");
  EXPECT_EQ(Difference(), "apps/web/c.ts added");
  EXPECT_EQ(now_.FirstDifference(before_), "apps/web/c.ts removed");
}

TEST_F(BuildInputsTest, CountsFurtherFiles) {
  now_.Add(InputKind::kFile, "apps/web/b.ts", "0644 2");
  now_.Add(InputKind::kFile, "apps/web/a.ts", "0600 1");
  now_.Add(InputKind::kFile, "apps/web/c.ts", "0644 1");

  EXPECT_EQ(Difference(), "apps/web/a.ts changed, and 2 more");
}

TEST_F(BuildInputsTest, NamesTheDockerfileBeforeFiles) {
  now_.Add(InputKind::kFile, "apps/web/a.ts", "0644 2");
  now_.Add(InputKind::kDockerfile, "apps/web/Dockerfile", "d2");

  EXPECT_EQ(Difference(), "apps/web/Dockerfile changed");
}

TEST_F(BuildInputsTest, NamesTheNewBaseImage) {
  now_.Add(InputKind::kBaseImage, "shop:local", "sha256:aabbccddeeff00112233");
  EXPECT_EQ(Difference(), "base image shop:local is now sha256:aabbccddeeff");
  now_.Add(InputKind::kBaseImage, "shop:local", "");
  EXPECT_EQ(Difference(), "base image shop:local is gone");
}

TEST_F(BuildInputsTest, NamesArgumentsAndLabelsWithoutTheirValues) {
  now_.Add(InputKind::kArgument, "TOKEN", "secret");
  EXPECT_EQ(Difference(), "build argument TOKEN added");
  now_ = Example();
  now_.Add(InputKind::kLabel, "team", "edge");
  EXPECT_EQ(Difference(), "label team changed");
}

TEST_F(BuildInputsTest, NamesWhatIsThereOnce) {
  now_.Add(InputKind::kSetting, "secrets", "npm pip");
  EXPECT_EQ(Difference(), "secrets changed");
  now_.Add(InputKind::kPlatform, "", "linux/arm64");
  EXPECT_EQ(Difference(), "the platform is now linux/arm64");
  now_.Add(InputKind::kStage, "", "test");
  EXPECT_EQ(Difference(), "the stage is now test");
  EXPECT_EQ(now_.FirstDifference(before_), "the stage is now the last one");
  now_.Add(InputKind::kIgnoreRules, "", "i2");
  EXPECT_EQ(Difference(), "what is ignored of the build context changed");
}

TEST_F(BuildInputsTest, AreTheSameWhenReadFromTheirText) {
  before_.Add(InputKind::kFile, "odd\tname\nwith \\n and \\", "0644 \\t1");

  const BuildInputs read = BuildInputs::FromText(before_.ToText());

  EXPECT_EQ(before_.FirstDifference(read), "");
  EXPECT_EQ(read.FirstDifference(before_), "");
}

TEST_F(BuildInputsTest, AnUnknownLineIsSkipped) {
  const BuildInputs read =
      BuildInputs::FromText("moon\tphase\tfull\nnonsense\n" + before_.ToText());

  EXPECT_EQ(before_.FirstDifference(read), "");
}

}  // namespace
}  // namespace nopo
