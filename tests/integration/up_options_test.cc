// What the options, conditions and variables of `up` and `down` promise.
#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::Pair;

constexpr char kSleeper[] = "compose: {command: sleep 600, stop_grace_period: 0s}\n";
// Healthy only once somebody makes /ready.
constexpr char kNeverHealthy[] = R"(
compose:
  command: sleep 600
  stop_grace_period: 0s
  healthcheck: {test: test -e /ready, interval: 1s, timeout: 5s, retries: 600}
)";

class UpOptionsTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
  bool HasImage(const std::string& tag) { return engine().InspectImage(tag, never()).ok(); }
};

TEST_F(UpOptionsTest, NoDepsStartsOnlyWhatIsNamed) {
  WriteService("db", kSleeper);
  WriteService("api", absl::StrCat("dependencies: [db]\n", kSleeper));

  const ProcessOutcome up = Nopo({"up", "api", "--no-deps"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(ContainersOf("api").size(), 1);
  EXPECT_TRUE(ContainersOf("db").empty());
}

TEST_F(UpOptionsTest, NoWaitReturnsBeforeHealth) {
  WriteService("app", kNeverHealthy);

  const ProcessOutcome up = Nopo({"up", "--no-wait"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(ContainerOf("app").health, HealthState::kStarting);
}

TEST_F(UpOptionsTest, WaitsForWhatADependencyIsAskedToBe) {
  WriteService("migrate", "compose: {command: [sh, -c, 'sleep 0.2; exit 0']}\n");
  WriteService("db", kNeverHealthy);
  WriteService("api", absl::StrCat("infrastructure: {depends_on: {db: service_started, "
                                   "migrate: service_completed_successfully}}\n",
                                   kSleeper));

  const ProcessOutcome up = Nopo({"up", "--no-wait"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(ContainerOf("db").health, HealthState::kStarting);
  EXPECT_EQ(ContainerOf("migrate").state, ContainerState::kExited);
  EXPECT_GE(ContainerOf("api").started_at, ContainerOf("migrate").started_at);
}

TEST_F(UpOptionsTest, RunsACommandOfADependencyInAContainerBeforeTheStart) {
  WriteService("db",
               absl::StrCat("commands: {migrate: 'echo migrated by $(hostname)'}\n", kSleeper));
  WriteService("api", absl::StrCat("infrastructure: {depends_on: {db: [migrate]}}\n", kSleeper));

  const ProcessOutcome up = Nopo({"up", "--progress", "plain"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_THAT(up.err, HasSubstr("[db:migrate] migrated by "));
  EXPECT_LT(up.err.find("migrated by"), up.err.find("[api:start] started"));
  EXPECT_EQ(AllContainers().size(), 2);
}

TEST_F(UpOptionsTest, TheSummaryTellsWhereServicesAreReached) {
  WriteService("app", absl::StrCat("infrastructure: {port: 8080}\n", kSleeper));

  const ProcessOutcome up = Nopo({"up"});

  ASSERT_EQ(ContainerOf("app").ports.size(), 1);
  EXPECT_THAT(up.err,
              HasSubstr(absl::StrCat("http://127.0.0.1:", ContainerOf("app").ports[0].host_port)));
}

TEST_F(UpOptionsTest, ComposePortsDecideWhereItIsPublished) {
  WriteService("app",
               "compose: {command: sleep 600, stop_grace_period: 0s,"
               " ports: ['127.0.0.1:38471:80']}\n");

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  ASSERT_EQ(ContainerOf("app").ports.size(), 1);
  EXPECT_EQ(ContainerOf("app").ports[0].host_port, 38471);
  EXPECT_EQ(ContainerOf("app").ports[0].container_port, 80);
}

TEST_F(UpOptionsTest, ComposesOwnCommandsFindTheContainers) {
  WriteService("app", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const std::string label = absl::StrCat("label=com.docker.compose.project=", slug());

  const ProcessOutcome listed = Run({"docker", "ps", "--filter", label, "--format",
                                     "{{.Label \"com.docker.compose.service\"}} {{.Names}}"});

  EXPECT_EQ(listed.out, absl::StrCat("app ", slug(), "-app-1\n")) << listed.err;
}

TEST_F(UpOptionsTest, BuildAsksBuildKitAlthoughNothingChanged) {
  WriteService("app", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);

  const ProcessOutcome option = Nopo({"up", "--build", "--progress", "json"});
  environment()["DOCKER_BUILD"] = "1";
  const ProcessOutcome variable = Nopo({"up", "--progress", "json"});
  environment().erase("DOCKER_BUILD");
  const ProcessOutcome without = Nopo({"up", "--progress", "json"});

  EXPECT_THAT(option.err, HasSubstr("exporting to image"));
  EXPECT_THAT(variable.err, HasSubstr("exporting to image"));
  EXPECT_THAT(without.err, Not(HasSubstr("exporting to image")));
}

TEST_F(UpOptionsTest, AReleasedVersionIsNotBuilt) {
  WriteService("app", kSleeper);
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  const std::string released = absl::StrCat(slug(), "-app:v1");
  ASSERT_EQ(Run({"docker", "tag", absl::StrCat(slug(), "-app:local"), released}).exit_code, 0);
  environment()["DOCKER_VERSION"] = "v1";

  const ProcessOutcome up = Nopo({"up", "--progress", "plain"});
  const ProcessOutcome dry = Nopo({"up", "--dry-run"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(dry.out, "Stage 1: [app:start]\n");
  EXPECT_THAT(up.err, Not(HasSubstr("app:build")));
}

TEST_F(UpOptionsTest, APackageHasNothingToStart) {
  Write("apps/lib/nopo.yml", "commands: {test: 'true'}\n");

  const ProcessOutcome up = Nopo({"up", "lib"});

  EXPECT_EQ(up.exit_code, 3);
  EXPECT_THAT(up.err, HasSubstr("lib is a package: it has nothing to start"));
}

TEST_F(UpOptionsTest, BuildsOnlyWhatTheStartedServicesNeed) {
  WriteService("app", kSleeper);
  WriteService("other", kSleeper);

  EXPECT_EQ(Nopo({"up", "app", "--dry-run"}).out, "Stage 1: [app:build]\nStage 2: [app:start]\n");
}

TEST_F(UpOptionsTest, AServiceWithNothingOfItsOwnRunsOnTheBaseImage) {
  Write("apps/app/nopo.yml", absl::StrCat("infrastructure: {cpu: 1}\n", kSleeper));

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  const auto base = engine().InspectImage(absl::StrCat(slug(), ":local"), never());
  ASSERT_TRUE(base.ok()) << base.status();
  EXPECT_EQ(ContainerOf("app").image_id, base->id);
  EXPECT_EQ(Nopo({"up", "--dry-run"}).out, "Stage 1: [root:build]\nStage 2: [app:start]\n");
}

TEST_F(UpOptionsTest, DownRmiRemovesTheImagesThatWereBuilt) {
  WriteService("app", kSleeper);
  Write("apps/db/nopo.yml", absl::StrCat("image: ", image(), "\n", kSleeper));
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const std::string built = absl::StrCat(slug(), "-app:local");
  ASSERT_TRUE(HasImage(built));

  EXPECT_EQ(Nopo({"down", "--rmi"}).exit_code, 0);

  EXPECT_FALSE(HasImage(built));
  EXPECT_TRUE(HasImage(image()));
}

TEST_F(UpOptionsTest, DownOfAllRemovesOrphansToo) {
  WriteService("app", kSleeper);
  WriteService("old", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  std::filesystem::remove_all(project() / "apps/old");

  EXPECT_EQ(Nopo({"down", "--remove-orphans"}).exit_code, 0);

  EXPECT_TRUE(AllContainers().empty());
}

TEST_F(UpOptionsTest, DownWhereNothingRunsSaysSo) {
  WriteService("app", kSleeper);

  const ProcessOutcome down = Nopo({"down"});

  EXPECT_EQ(down.exit_code, 0);
  EXPECT_THAT(down.err, HasSubstr("nothing is running"));
}

TEST_F(UpOptionsTest, APreBuiltServiceNeitherWaitsForTheBaseImageNorFailsWithIt) {
  Write("nopo/docker/Dockerfile", absl::StrCat("FROM ", image(), "\nRUN exit 3\n"));
  Write("apps/db/nopo.yml", absl::StrCat("image: ", image(), "\n", kSleeper));
  Write("apps/api/nopo.yml", absl::StrCat("infrastructure: {}\n", kSleeper));

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 5) << up.err;
  EXPECT_EQ(ContainerOf("db").state, ContainerState::kRunning);
  EXPECT_TRUE(ContainersOf("api").empty());
}

TEST_F(UpOptionsTest, ComposeTakesVariablesOfTheCallerAndOfDotenv) {
  Write(".env", "FOO=foo\nA=file\n");
  Write("apps/a/nopo.yml",
        absl::StrCat("image: ", image(),
                     "\ncompose:\n  command: sleep 600\n  stop_grace_period: 0s\n"
                     "  labels: {a: $A, foo: '${FOO}', dollar: $$FOO, otherwise: '${NOPE:-x}'}\n"));
  environment()["A"] = "caller";

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_THAT(ContainerOf("a").labels,
              IsSupersetOf({Pair("a", "caller"), Pair("foo", "foo"), Pair("dollar", "$FOO"),
                            Pair("otherwise", "x")}));
}

TEST_F(UpOptionsTest, ComposeHasTheVariablesOfEachCall) {
  Write("apps/a/nopo.yml", absl::StrCat("image: ", image(),
                                        "\ncompose: {command: sleep 600, stop_grace_period: 0s, "
                                        "labels: {a: '${A:?which one}'}}\n"));
  environment()["A"] = "first";
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);

  environment()["A"] = "second";
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  EXPECT_EQ(ContainerOf("a").labels["a"], "second");

  environment().erase("A");
  const ProcessOutcome unset = Nopo({"up"});
  EXPECT_EQ(unset.exit_code, 4);
  EXPECT_THAT(unset.err, HasSubstr("compose.labels.a: the variable A must be set: which one"));
}

TEST_F(UpOptionsTest, AServiceThatCompletedIsNotRunAgain) {
  Write("apps/job/nopo.yml", absl::StrCat("image: ", image(), "\ncompose: {command: 'true'}\n"));
  Write("apps/fe/nopo.yml",
        absl::StrCat("image: ", image(),
                     "\ninfrastructure: {depends_on: {job: service_completed_successfully}}\n",
                     kSleeper));
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const absl::Time started = ContainerOf("job").started_at;

  const ProcessOutcome up = Nopo({"up", "--jq", ".changed"});
  const ProcessOutcome alone = Nopo({"up", "job"});
  const ProcessOutcome status = Nopo({"status", "--jq", ".services.job | .state, .up_to_date"});

  EXPECT_EQ(up.out, "false\n") << up.err;
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_EQ(ContainerOf("job").started_at, started);
  EXPECT_EQ(status.out, "\"completed\"\ntrue\n");
}

TEST_F(UpOptionsTest, SurplusContainersAreStoppedSideBySide) {
  Write(
      "apps/db/nopo.yml",
      absl::StrCat("image: ", image(),
                   "\ncompose: {command: [sh, -c, 'trap \"\" TERM; sleep 600 & wait; sleep 600'], "
                   "stop_grace_period: 1s}\n"));
  ASSERT_EQ(Nopo({"up", "--scale", "db=3"}).exit_code, 0);

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(ContainersOf("db").size(), 1);
  const size_t second = up.err.rfind("stopping ");
  const size_t first = up.err.find("stopping ");
  EXPECT_NE(first, second);
  EXPECT_LT(second, up.err.find("stopped ")) << up.err;
}

TEST_F(UpOptionsTest, AnotherProjectsContainersAreLeftAlone) {
  WriteService("app", kSleeper);
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const std::string id = ContainerOf("app").id;
  const std::string other = absl::StrCat(slug(), "-other");
  Write("sub/nopo.yml", absl::StrCat("name: ", other, "\nos: {base: {image: '", image(), "'}}\n"));
  Write("sub/apps/lone/nopo.yml", absl::StrCat("image: ", image(), "\n", kSleeper));

  const ProcessOutcome up = Nopo({"up", "--project", "sub"});
  const ProcessOutcome down = Nopo({"down", "--project", "sub"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(down.exit_code, 0) << down.err;
  EXPECT_EQ(ContainerOf("app").id, id);
  EXPECT_EQ(ContainerOf("app").state, ContainerState::kRunning);
}

}  // namespace
}  // namespace nopo
