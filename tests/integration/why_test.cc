// What `why`, `builds` and `build --print` tell of builds.
#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/fakes/tag_image.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kBadArguments = 3;
constexpr int kEngineFailure = 5;

class WhyTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    Write("apps/web/a.txt", "one");
    WriteWeb("COPY a.txt /a.txt\n");
  }
  void WriteWeb(const std::string& dockerfile) {
    WriteService("web", "infrastructure: {}\n", dockerfile);
  }
  void Build() {
    Settle();
    ASSERT_EQ(Nopo({"build", "web"}).exit_code, 0);
  }
  std::string Why() { return Nopo({"why", "web"}).out; }
  // The newest record of `builds`.
  boost::json::object LastBuild() {
    const ProcessOutcome builds = Nopo({"builds", "--json", "--limit", "1"});
    EXPECT_EQ(builds.exit_code, 0) << builds.err;
    return boost::json::parse(builds.out).as_array().at(0).as_object();
  }
};

TEST_F(WhyTest, AnImageThatWasNeverBuiltIsSaidToBe) {
  EXPECT_EQ(Why(), "web: no build on record\n");
}

TEST_F(WhyTest, AnUnchangedOneIsUpToDate) {
  Build();

  EXPECT_THAT(Why(), StartsWith("web: up to date: inputs equal those of sha256:"));
}

TEST_F(WhyTest, NamesTheFileThatChanged) {
  Build();
  Write("apps/web/a.txt", "two");

  EXPECT_EQ(Why(), "web: apps/web/a.txt changed\n");
}

TEST_F(WhyTest, NamesAFileThatCameOrWent) {
  Build();
  Write("apps/web/b.txt", "new");
  EXPECT_EQ(Why(), "web: apps/web/b.txt added\n");

  std::filesystem::remove(project() / "apps/web/b.txt");
  std::filesystem::remove(project() / "apps/web/a.txt");
  EXPECT_EQ(Why(), "web: apps/web/a.txt removed\n");
}

TEST_F(WhyTest, NamesTheDockerfile) {
  Build();
  WriteWeb("COPY a.txt /b.txt\n");

  EXPECT_THAT(Why(), HasSubstr("apps/web/Dockerfile changed"));
}

TEST_F(WhyTest, NamesTheIgnoreRules) {
  Build();
  Write("apps/web/.dockerignore", "*.log\n");

  EXPECT_THAT(Why(), ContainsRegex("web: .*ignore"));
}

TEST_F(WhyTest, NamesAnArgument) {
  WriteWeb("ARG MODE\nCOPY a.txt /a.txt\n");
  Build();

  EXPECT_THAT(Nopo({"why", "web", "--build-arg", "MODE=fast"}).out, HasSubstr("MODE"));
}

TEST_F(WhyTest, NamesABaseImageThatWasTaggedAnew) {
  const std::string base = absl::StrCat(slug(), "-mine:1");
  ASSERT_TRUE(TagImage(engine().endpoint(), image(), base).ok());
  Write("apps/web/Dockerfile", absl::StrCat("FROM ", base, "\nCOPY a.txt /a.txt\n"));
  Build();

  WriteService("other", "infrastructure: {}\n", "RUN echo other > /other\n");
  ASSERT_EQ(Nopo({"build", "other"}).exit_code, 0);
  ASSERT_TRUE(TagImage(engine().endpoint(), absl::StrCat(slug(), "-other:local"), base).ok());

  EXPECT_THAT(Why(), HasSubstr(absl::StrCat("base image ", base, " is now sha256:")));
  EXPECT_TRUE(engine().RemoveImage(base, never()).ok());
}

TEST_F(WhyTest, SaysThatTheEngineLostTheImage) {
  Build();
  ASSERT_TRUE(engine().RemoveImage(absl::StrCat(slug(), "-web:local"), never()).ok());

  EXPECT_EQ(Why(), absl::StrCat("web: the engine has no ", slug(), "-web:local\n"));
}

TEST_F(WhyTest, NamesWhatHasToBeBuiltBefore) {
  WriteService("web", "infrastructure: {}\nbuild: {depends_on: [lib]}\n", "COPY a.txt /a.txt\n");
  Write("apps/lib/nopo.yml", "build: {command: 'echo made > out', output: [out]}\n");
  Build();
  Write("apps/lib/source.txt", "new");

  EXPECT_THAT(Why(), HasSubstr("\nweb: lib:build, which comes first, has to be built\n"));
}

TEST_F(WhyTest, AsJsonTheReasonsAreData) {
  const boost::json::value why = boost::json::parse(Nopo({"why", "web", "--json"}).out);

  const boost::json::array expected = {{{"name", "web"},
                                        {"task", "web:build"},
                                        {"up_to_date", false},
                                        {"reason", "no build on record"}}};
  EXPECT_EQ(why, expected);
}

TEST_F(WhyTest, BuildsNothing) {
  Nopo({"why"});

  EXPECT_FALSE(engine().InspectImage(absl::StrCat(slug(), "-web:local"), never()).ok());
  EXPECT_EQ(Nopo({"builds"}).out, "no builds on record\n");
}

TEST_F(WhyTest, AnUnknownTargetIsABadArgument) {
  EXPECT_EQ(Nopo({"why", "wbe"}).exit_code, kBadArguments);
  EXPECT_EQ(Nopo({"builds", "wbe"}).exit_code, kBadArguments);
}

TEST_F(WhyTest, BuildsHaveAReasonADurationAShareOfCachedStepsBytesAndASize) {
  Build();
  const boost::json::object build = LastBuild();

  EXPECT_EQ(build.at("name"), "web");
  EXPECT_EQ(build.at("tag"), absl::StrCat(slug(), "-web:local").c_str());
  EXPECT_EQ(build.at("reason"), "no build on record");
  EXPECT_GT(build.at("duration_s").as_double(), 0);
  EXPECT_GT(build.at("steps").as_int64(), 0);
  EXPECT_LE(build.at("cached_steps").as_int64(), build.at("steps").as_int64());
  EXPECT_GT(build.at("bytes_sent").as_int64(), 0);
  EXPECT_GT(build.at("image_bytes").as_int64(), 0);
  EXPECT_THAT(std::string(build.at("image_id").as_string()), StartsWith("sha256:"));
}

TEST_F(WhyTest, ABuildThatFailedIsOnRecordWithItsError) {
  WriteWeb("RUN exit 3\n");
  ASSERT_EQ(Nopo({"build", "web"}).exit_code, kEngineFailure);

  const boost::json::object build = LastBuild();

  EXPECT_EQ(build.at("outcome"), "failed");
  EXPECT_THAT(std::string(build.at("error").as_string()), HasSubstr("exit"));
}

TEST_F(WhyTest, WhatWasUpToDateIsNoBuild) {
  Build();
  Build();

  EXPECT_EQ(boost::json::parse(Nopo({"builds", "--json"}).out).as_array().size(), 1);
}

TEST_F(WhyTest, PackagesRunsAreOnRecordToo) {
  Write("apps/lib/nopo.yml", "build: {command: 'echo made > out', output: [out]}\n");
  ASSERT_EQ(Nopo({"build", "lib"}).exit_code, 0);

  EXPECT_EQ(LastBuild().at("name"), "lib");
  EXPECT_EQ(LastBuild().at("outcome"), "built");
}

TEST_F(WhyTest, BuildsAreATableOfThoseTargetsThatAreNamed) {
  WriteService("api", "infrastructure: {}\n", "RUN echo api\n");
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);

  const ProcessOutcome builds = Nopo({"builds", "api"});

  EXPECT_THAT(builds.out, AllOf(StartsWith("TARGET"), ContainsRegex("\napi +[^ ]+ ago "),
                                Not(HasSubstr("\nweb "))));
}

TEST_F(WhyTest, PrintShowsDockerfilesAsBuildKitGetsThem) {
  WriteService("gen", "infrastructure: {}\n");
  std::filesystem::remove(project() / "apps/gen/Dockerfile");
  Write("apps/gen/nopo.yml",
        "infrastructure: {}\nbuild: {command: 'echo built > out', output: [out]}\n");

  const ProcessOutcome print = Nopo({"build", "--print"});

  EXPECT_EQ(print.exit_code, 0) << print.err;
  EXPECT_THAT(print.out,
              AllOf(HasSubstr(absl::StrCat("# web: ", slug(), "-web:local, of apps/web ")),
                    HasSubstr("COPY a.txt /a.txt\n"), HasSubstr("echo built > out")));
  EXPECT_FALSE(engine().InspectImage(absl::StrCat(slug(), "-web:local"), never()).ok());
}

TEST_F(WhyTest, PrintAsJsonIsThePlanAsData) {
  const ProcessOutcome print = Nopo({"build", "web", "--print", "--json"});

  const boost::json::object plan = boost::json::parse(print.out).as_object();
  EXPECT_EQ(plan.at("stages"), boost::json::parse(R"([["web:build"]])"));
  const boost::json::object& build = plan.at("builds").as_array().at(0).as_object();
  EXPECT_EQ(build.at("task"), "web:build");
  EXPECT_EQ(build.at("context"), "apps/web");
  EXPECT_EQ(build.at("dockerfile"), "apps/web/Dockerfile");
  EXPECT_THAT(std::string(build.at("dockerfile_text").as_string()), HasSubstr("COPY a.txt /a.txt"));
}

}  // namespace
}  // namespace nopo
