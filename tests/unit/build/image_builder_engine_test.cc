// ImageBuilder, and the Dockerfiles nopo generates, on a real engine: NOPO_TEST_DOCKER_HOST names
// its address and NOPO_TEST_IMAGE an image on it with busybox in it. Skipped where either is unset.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "absl/strings/str_join.h"
#include "common/error.h"
#include "daemon/build/image_builder.h"
#include "daemon/docker/docker_engine.h"
#include "tests/fakes/tag_image.h"
#include "tests/unit/build/project_fixture.h"

namespace nopo {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

class Silence final : public EventSink {
 public:
  void Publish(Event) override {}
};

class ImageBuilderEngineTest : public ProjectFixture {
 protected:
  void SetUp() override {
    if (Variable("NOPO_TEST_DOCKER_HOST").empty() || Variable("NOPO_TEST_IMAGE").empty()) {
      GTEST_SKIP() << "NOPO_TEST_DOCKER_HOST and NOPO_TEST_IMAGE name no engine to test with";
    }
    const Endpoint endpoint = *ParseEndpoint(Variable("NOPO_TEST_DOCKER_HOST"));
    engine_ = std::make_unique<DockerEngine>(endpoint);
    buildkit_ = std::make_unique<BuildkitClient>(BuildkitAddress{endpoint});
    OpenLedger();
    project_.os.image = Tag("os");
    names_.base = Tag("base");
    ASSERT_TRUE(TagImage(engine_->endpoint(), Variable("NOPO_TEST_IMAGE"), project_.os.image).ok());
  }
  void TearDown() override {
    if (engine_ == nullptr) return;
    for (const std::string& tag : tags_) engine_->RemoveImage(tag, never_).IgnoreError();
  }

  // A tag of this test's own, removed in the end.
  std::string Tag(const std::string& name) {
    tags_.push_back(absl::StrCat("nopo-build-test-", getpid(), "-", name, ":1"));
    return tags_.back();
  }
  void OpenLedger() { ledger_ = *Ledger::Open(state_.path() / "ledger.db"); }

  std::string IdOf(absl::string_view reference) {
    const auto image = engine_->InspectImage(reference, never_);
    return image.ok() ? image->id : "";
  }

  // Builds and says what happened.
  std::string Build(const ImageBuild& build, const ImageBuildOptions& options = {}) {
    NewRequest();
    return BuildInSameRequest(build, options);
  }
  void NewRequest() {
    EngineImages engine;
    engine.id = [this](absl::string_view reference, const Cancellation&) {
      return IdOf(reference);
    };
    engine.id_now = engine.id;
    engine.size = [this](const std::string& id, const Cancellation&) {
      return engine_->InspectImage(id, never_)->size;
    };
    builder_ = std::make_unique<ImageBuilder>(*buildkit_, BuildMemory{*ledger_, history_, trees_},
                                              "scope", std::move(engine));
  }
  std::string BuildInSameRequest(const ImageBuild& build, const ImageBuildOptions& options = {}) {
    result_ = builder_->Build(absl::StrCat(build.target, ":build"), build, options, events_, never_,
                              built_);
    return result_.status.ok() ? result_.reason : result_.status.ToString();
  }

  // `text` as no run before had it: the engine keeps its cache from run to run.
  std::string Unseen(const std::string& text) const {
    return absl::StrCat(text, " ", tree_.path().filename().string());
  }

  // A service with its own Dockerfile on the base of all.
  ImageBuild OwnImage(const std::string& rest_of_dockerfile) {
    tree_.Write("context/data.txt", Unseen("one"));
    tree_.Settle();
    return {.target = "web",
            .tag = Tag("web"),
            .context_dir = tree_.path() / "context",
            .dockerfile_name = "apps/web/Dockerfile",
            .dockerfile_text = absl::StrCat("FROM ", project_.os.image, "\n", rest_of_dockerfile),
            .base_images = {project_.os.image}};
  }

  // Builds all of `plan` in order; empty when all went well.
  std::string BuildAll(const BuildPlan& plan) {
    const auto order = Plan::Create(plan.tasks);
    if (!order.ok()) return order.status().ToString();
    for (const Task& task : order->tasks()) {
      Build(std::get<ImageBuild>(plan.builds.at(task.name)));
      if (!result_.status.ok()) return result_.status.ToString();
    }
    return "";
  }

  // Runs a check in an image, as the user and where its containers would run; "" when it holds.
  std::string Check(const std::string& image, const std::string& command) {
    ImageBuild build = OwnImage("");
    build.dockerfile_text = absl::StrCat("FROM ", image, "\nRUN set -ex; ", command, "\n");
    build.target = "check";
    build.base_images = {image};
    build.tag = Tag("check");
    Build(build, {.no_cache = true});
    return result_.status.ok() ? ""
                               : absl::StrCat(result_.status.message(), "\n",
                                              absl::StrJoin(result_.last_lines, "\n"));
  }

  Cancellation never_;
  Silence events_;
  TemporaryTree state_;
  std::vector<std::string> tags_;
  std::unique_ptr<DockerEngine> engine_;
  std::unique_ptr<BuildkitClient> buildkit_;
  std::unique_ptr<Ledger> ledger_;
  BuildHistory history_{state_.path() / "history.db"};
  TreeWatcher watcher_{1000};
  WatchedTrees trees_{watcher_};
  std::unique_ptr<ImageBuilder> builder_;
  TaskResult result_;
  BuiltImage built_;
};

TEST_F(ImageBuilderEngineTest, BuildsThenSkipsWhatDidNotChange) {
  const ImageBuild image = OwnImage("COPY data.txt /data.txt\n");

  EXPECT_THAT(Build(image), MatchesRegex("built: 1 step; sent .* k?B; no build on record"));
  EXPECT_FALSE(result_.up_to_date);
  EXPECT_THAT(IdOf(image.tag), AnyOf(built_.image_id, built_.digest));
  const std::string id = built_.image_id;

  EXPECT_EQ(Build(image), "inputs unchanged");
  EXPECT_TRUE(result_.up_to_date);
  EXPECT_TRUE(built_.cached);
  EXPECT_EQ(built_.image_id, id);
}

TEST_F(ImageBuilderEngineTest, AskedByForceBuildKitFindsEveryStepCached) {
  const ImageBuild image = OwnImage("COPY data.txt /data.txt\n");
  Build(image);

  EXPECT_THAT(Build(image, {.force = true}), StartsWith("its one step cached"));
  EXPECT_TRUE(result_.up_to_date);
}

TEST_F(ImageBuilderEngineTest, RebuildsAfterAnEdit) {
  const ImageBuild image = OwnImage("COPY data.txt /data.txt\n");
  Build(image);
  const std::string id = IdOf(image.tag);

  tree_.Write("context/data.txt", Unseen("two"));

  EXPECT_THAT(Build(image), AllOf(StartsWith("built"), EndsWith("; data.txt changed")));
  EXPECT_NE(IdOf(image.tag), id);
}

TEST_F(ImageBuilderEngineTest, RebuildsOfAFileThatWasReplacedByOneOfTheSameSizeAndTime) {
  const ImageBuild image = OwnImage("COPY data.txt /data.txt\n");
  Build(image);
  const std::string id = IdOf(image.tag);
  const std::filesystem::path file = tree_.path() / "context/data.txt";
  const auto time = std::filesystem::last_write_time(file);

  tree_.Write("context/data.txt", Unseen("two"));
  std::filesystem::last_write_time(file, time);
  tree_.Settle();

  EXPECT_THAT(Build(image), StartsWith("built"));
  EXPECT_NE(IdOf(image.tag), id);
  EXPECT_EQ(Check(image.tag, "grep two /data.txt"), "");
}

TEST_F(ImageBuilderEngineTest, RebuildsWhenTheImageIsGone) {
  const ImageBuild image = OwnImage("COPY data.txt /data.txt\n");
  Build(image);
  ASSERT_TRUE(engine_->RemoveImage(image.tag, never_).ok());

  EXPECT_THAT(Build(image), EndsWith("the engine has no " + image.tag));
  EXPECT_FALSE(result_.up_to_date);
  EXPECT_NE(IdOf(image.tag), "");
}

TEST_F(ImageBuilderEngineTest, RebuildsWhenTheTagWasMovedToAnotherImage) {
  const ImageBuild image = OwnImage("COPY data.txt /data.txt\n");
  Build(image);
  const std::string id = IdOf(image.tag);
  ASSERT_TRUE(TagImage(engine_->endpoint(), Variable("NOPO_TEST_IMAGE"), image.tag).ok());

  EXPECT_THAT(Build(image), EndsWith(image.tag + " is another image than the one built last"));
  EXPECT_EQ(IdOf(image.tag), id);
}

TEST_F(ImageBuilderEngineTest, RebuildsWhenTheBaseImageIsAnother) {
  const ImageBuild image = OwnImage("COPY data.txt /data.txt\n");
  Build(image);
  const std::string id = IdOf(image.tag);
  ImageBuild other_base = OwnImage(Unseen("RUN echo > /other") + "\n");
  other_base.target = "other";
  other_base.tag = Tag("other");
  Build(other_base);
  ASSERT_TRUE(TagImage(engine_->endpoint(), other_base.tag, project_.os.image).ok());

  EXPECT_THAT(Build(image), HasSubstr("base image " + project_.os.image + " is now sha256:"));
  EXPECT_NE(IdOf(image.tag), id);
}

TEST_F(ImageBuilderEngineTest, RebuildsWhenDockerfileArgumentOrStageChange) {
  ImageBuild image = OwnImage("ARG WHO=a\nRUN echo $WHO > /who\n");
  Build(image);
  image.build_args["WHO"] = Unseen("b");
  EXPECT_THAT(Build(image), EndsWith("; build argument WHO added"));
  image.dockerfile_text += "ENV A=b\n";
  EXPECT_THAT(Build(image), EndsWith("; apps/web/Dockerfile changed"));
  image.labels["team"] = "shop";
  EXPECT_THAT(Build(image), EndsWith("; label team added"));
}

TEST_F(ImageBuilderEngineTest, EntersWhatItBuiltIntoTheHistory) {
  const ImageBuild image = OwnImage("COPY data.txt /data.txt\n");
  Build(image);
  const std::string built_id = built_.image_id;
  Build(image);
  ImageBuild failing = image;
  failing.dockerfile_text += "RUN exit 7\n";
  Build(failing);

  const auto entries = history_.List("scope", {"web"}, 10);

  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2u) << "what is skipped is no build";
  EXPECT_EQ(entries->front().outcome, "failed");
  EXPECT_EQ(entries->front().reason, "apps/web/Dockerfile changed");
  EXPECT_EQ(entries->back().outcome, "built");
  EXPECT_EQ(entries->back().tag, image.tag);
  EXPECT_EQ(entries->back().image_id, built_id);
  EXPECT_GT(entries->back().bytes_sent, 0);
}

TEST_F(ImageBuilderEngineTest, ACommitAloneRebuildsNothing) {
  ImageBuild image = OwnImage("COPY data.txt /data.txt\n");
  image.labels["org.opencontainers.image.revision"] = "c0ffee";
  Build(image);
  image.labels["org.opencontainers.image.revision"] = "decade";
  EXPECT_EQ(Build(image), "inputs unchanged");
}

TEST_F(ImageBuilderEngineTest, ALostLedgerCostsOnlyAQuestion) {
  const ImageBuild image = OwnImage("COPY data.txt /data.txt\n");
  Build(image);
  ledger_.reset();
  std::filesystem::remove_all(state_.path() / "ledger.db");
  OpenLedger();

  EXPECT_THAT(Build(image), StartsWith("its one step cached"));
  EXPECT_TRUE(result_.up_to_date);
  EXPECT_EQ(Build(image), "inputs unchanged");
}

TEST_F(ImageBuilderEngineTest, AContextOutOfReachIsLeftToBuildKit) {
  ImageBuild image = OwnImage("RUN true\n");
  image.context_dir = tree_.path() / "missing";
  EXPECT_NE(Build(image), "inputs unchanged");
}

TEST_F(ImageBuilderEngineTest, AFailedStepShowsItsLastLinesAndRecordsNothing) {
  const ImageBuild image = OwnImage("RUN echo first; echo last words; exit 7\n");

  EXPECT_THAT(Build(image), HasSubstr("7"));
  EXPECT_EQ(ReasonOf(result_.status), Reason::kBuildFailed);
  EXPECT_THAT(result_.last_lines, Contains("last words"));
  EXPECT_NE(Build(image), "inputs unchanged");
}

TEST_F(ImageBuilderEngineTest, GeneratedImagesHoldTheOutputsAndRunAsTheUser) {
  Target& web = AddGenerated("web");
  names_.targets["web"] = Tag("web");
  web.build->command = "mkdir -p build && cp src.txt build/out && echo \"$GREETING\" >> build/out";
  web.build->env = {{"GREETING", "it's \"5$\" \\ net"}};
  web.build->output = {"build"};
  web.infrastructure.command = "./serve";
  tree_.Write("apps/web/src.txt", "source\n");
  tree_.Write(".git/HEAD", "ref\n");
  tree_.Write(".env", "A=b\n");
  tree_.Settle();

  const auto plan = PlanBuild(project_, {&web}, names_, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(BuildAll(*plan), "");

  EXPECT_EQ(Check(names_.targets["web"],
                  "test \"$(pwd)\" = /app/apps/web; test \"$(id -u):$(id -g)\" = 1001:1001; "
                  "test \"$(head -n 1 build/out)\" = source; "
                  "test \"$(tail -n 1 build/out)\" = 'it'\"'\"'s \"5$\" \\ net'; "
                  "test ! -e src.txt; test ! -e /app/.git; test ! -e /app/.env; "
                  "touch build/mine /cache/mine \"$HOME/mine\""),
            "");
  const auto image = engine_->InspectImage(names_.targets["web"], never_);
  EXPECT_THAT(image->command, testing::ElementsAre("/bin/sh", "-c", "./serve"));
  EXPECT_EQ(image->labels.at("org.opencontainers.image.title"), "web");
}

TEST_F(ImageBuilderEngineTest, OwnDockerfilesStandOnTheBaseImage) {
  Target& web = AddWithDockerfile(
      "web",
      "FROM base AS made\nRUN echo made > made\nFROM root\nCOPY --from=made /app/made /made\n");
  names_.targets["web"] = Tag("web");
  tree_.Settle();

  const auto plan = PlanBuild(project_, {&web}, names_, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(BuildAll(*plan), "");
  EXPECT_EQ(Check(names_.targets["web"], "test \"$(cat /made)\" = made"), "");

  ASSERT_EQ(BuildAll(*plan), "");
  EXPECT_EQ(result_.reason, "inputs unchanged");
}

TEST_F(ImageBuilderEngineTest, AUserIdThatTheImageHasIsTakenAsItIs) {
  project_.os.uid = 0;
  project_.os.gid = 0;
  const auto plan = PlanBuild(project_, {&project_.root_target}, names_, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(BuildAll(*plan), "");
}

}  // namespace
}  // namespace nopo
