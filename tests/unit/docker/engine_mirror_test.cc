#include "daemon/docker/engine_mirror.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "common/error.h"
#include "tests/unit/docker/scripted_server.h"
#include "tests/unit/docker/temporary_directory.h"

namespace nopo {
namespace {

constexpr char kNoSuchImage[] =
    "HTTP/1.1 404 Not Found\r\nContent-Length: 27\r\n\r\n{\"message\":\"No such image\"}";
constexpr char kOpenStream[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// An engine that runs nothing, has the image `tag`, and reports no events.
std::string AnswerOfAnIdleEngine(const std::string& line, const std::string& tag) {
  const auto asks_for = [&](const char* path) { return line.find(path) != line.npos; };
  if (asks_for("/_ping")) return OkAnswer("OK", "Api-Version: 1.44\r\n");
  if (asks_for("/events") && asks_for("until=")) return OkAnswer("");
  if (asks_for("/events")) return kOpenStream;
  if (asks_for("/images/json")) {
    return OkAnswer(R"([{"Id":"sha256:1","RepoTags":[")" + tag + "\"]}]");
  }
  if (asks_for("/images/")) {
    const bool is_there = asks_for(("/images/" + tag + "/").c_str());
    return is_there ? OkAnswer(R"({"Id":"sha256:1"})") : kNoSuchImage;
  }
  if (asks_for("/volumes")) return OkAnswer("{}");
  return OkAnswer("[]");
}

class EngineMirrorTest : public testing::Test {
 protected:
  void StartEngine(const std::string& tag = "shop:1") {
    server_ = std::make_unique<ScriptedServer>(
        path_, [tag](const std::string& line) { return AnswerOfAnIdleEngine(line, tag); });
  }

  const TemporaryDirectory folder_;
  const std::string path_ = (folder_.path() / "s").string();
  const Cancellation never_;
  std::unique_ptr<ScriptedServer> server_;
  DockerEngine engine_{{.path = path_}};
};

TEST_F(EngineMirrorTest, ShowsWhatTheEngineHas) {
  StartEngine();
  EngineMirror mirror(engine_);

  const auto snapshot = mirror.Snapshot(never_, {.images = {"docker.io/library/shop:1", "shop:2"}});

  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_TRUE((*snapshot)->containers.empty());
  EXPECT_EQ((*snapshot)->ImageId("shop:1"), "sha256:1");
  EXPECT_EQ((*snapshot)->ImageId("shop:2"), "");
  EXPECT_TRUE(mirror.connected());
  EXPECT_TRUE(mirror.last_error().ok());
}

TEST_F(EngineMirrorTest, GivesTheSameSnapshotWhileNothingChanges) {
  StartEngine();
  EngineMirror mirror(engine_);

  EXPECT_EQ(*mirror.Snapshot(never_), *mirror.Snapshot(never_));
}

// One that does not log what BuildKit builds, and builds "shop:new" once `built`.
class OldEngineMirrorTest : public EngineMirrorTest {
 protected:
  OldEngineMirrorTest() {
    server_ = std::make_unique<ScriptedServer>(
        path_, [this](const std::string& line) { return Answer(line); });
  }

  std::string Answer(const std::string& line) {
    const auto asks_for = [&](const char* path) { return line.find(path) != line.npos; };
    if (asks_for("/_ping")) return OkAnswer("OK", "Api-Version: 1.41\r\n");
    if (asks_for("/images/json")) ++lists_;
    if (asks_for("/images/shop:")) ++inspections_;
    return AnswerOfAnIdleEngine(line, built_ ? "shop:new" : "shop:old");
  }

  std::string IdIn(EngineMirror& mirror, const std::string& name) {
    const auto snapshot = mirror.Snapshot(never_, {.images = {name}});
    return snapshot.ok() ? (*snapshot)->ImageId(name) : snapshot.status().ToString();
  }

  std::atomic<bool> built_ = false;
  std::atomic<int> lists_ = 0, inspections_ = 0;
};

TEST_F(OldEngineMirrorTest, SeesAnImageThatWasBuiltWithoutAnEvent) {
  EngineMirror mirror(engine_);
  ASSERT_EQ(IdIn(mirror, "docker.io/library/shop:new"), "");

  built_ = true;

  EXPECT_EQ(IdIn(mirror, "docker.io/library/shop:new"), "sha256:1");
  EXPECT_EQ(mirror.ImageId("shop:new", absl::ZeroDuration(), never_).value_or("?"), "sha256:1");
  EXPECT_EQ(IdIn(mirror, "shop:old"), "");
  EXPECT_EQ(lists_, 0);
}

TEST_F(OldEngineMirrorTest, AsksOnceWithinAnOperationUnlessSomethingIsHeard) {
  EngineMirror mirror(engine_);
  const auto look = [&] {
    return mirror.ImageId("shop:new", absl::Hours(1), never_).value_or("?");
  };
  ASSERT_EQ(look(), "");
  ASSERT_EQ(look(), "");
  EXPECT_EQ(inspections_, 1);

  built_ = true;
  mirror.InvalidateImages();

  EXPECT_EQ(look(), "sha256:1");
  EXPECT_EQ(inspections_, 2);
}

TEST_F(EngineMirrorTest, AsksForAnImageOnceWhereEventsTellOfAll) {
  std::atomic<int> inspections = 0;
  server_ = std::make_unique<ScriptedServer>(path_, [&](const std::string& line) {
    if (line.find("/images/") != line.npos) ++inspections;
    return AnswerOfAnIdleEngine(line, "shop:1");
  });
  EngineMirror mirror(engine_);
  const auto look = [&] {
    return mirror.ImageId("shop:1", absl::ZeroDuration(), never_).value_or("?");
  };
  EXPECT_EQ(look(), "sha256:1");
  EXPECT_EQ(look(), "sha256:1");
  EXPECT_EQ(inspections, 1);

  mirror.InvalidateImages();

  EXPECT_EQ(look(), "sha256:1");
  EXPECT_EQ(inspections, 2);
}

TEST_F(OldEngineMirrorTest, TakesOneListWhereManyImagesAreWishedFor) {
  EngineMirror mirror(engine_);
  SnapshotWish wish{.images = {"shop:old"}};
  for (int i = 0; i < 100; ++i) wish.images.push_back("shop:" + std::to_string(i));

  const auto snapshot = mirror.Snapshot(never_, wish);

  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ((*snapshot)->ImageId("shop:old"), "sha256:1");
  EXPECT_EQ((*snapshot)->ImageId("shop:7"), "");
  EXPECT_EQ(lists_, 1);
  EXPECT_EQ(inspections_, 0);
}

TEST_F(EngineMirrorTest, SaysThatNoEngineIsThereAndFindsItOnceItIs) {
  EngineMirror mirror(engine_);

  const absl::Status absent = mirror.Snapshot(never_).status();
  EXPECT_TRUE(absl::IsUnavailable(absent));
  EXPECT_EQ(ReasonOf(absent), Reason::kEngineUnavailable);
  EXPECT_FALSE(mirror.connected());
  EXPECT_FALSE(mirror.last_error().ok());

  StartEngine();
  EXPECT_TRUE(mirror.Snapshot(never_).ok());
}

TEST_F(EngineMirrorTest, ListsAnewAfterTheEngineRestarted) {
  StartEngine("shop:old");
  EngineMirror mirror(engine_);
  ASSERT_TRUE(mirror.Snapshot(never_).ok());

  server_.reset();
  EXPECT_TRUE(absl::IsUnavailable(mirror.Snapshot(never_).status()));
  StartEngine("shop:new");

  const auto snapshot = mirror.Snapshot(never_, {.images = {"shop:old", "shop:new"}});
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ((*snapshot)->ImageId("shop:old"), "");
  EXPECT_EQ((*snapshot)->ImageId("shop:new"), "sha256:1");
}

TEST_F(EngineMirrorTest, EndsAWaitWhenTheEngineGoesAway) {
  StartEngine();
  EngineMirror mirror(engine_);
  const auto lose_engine = [&](const std::optional<Container>&) {
    server_.reset();
    return false;
  };

  const absl::Status status = mirror.WaitFor("c1", absl::InfiniteFuture(), lose_engine, never_);

  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(EngineMirrorTest, EndsAWaitAtItsDeadline) {
  StartEngine();
  EngineMirror mirror(engine_);

  const absl::Status status = mirror.WaitFor(
      "c1", absl::InfinitePast(), [](const auto& container) { return container.has_value(); },
      never_);

  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

TEST_F(EngineMirrorTest, EndsAWaitThatIsCancelled) {
  StartEngine();
  EngineMirror mirror(engine_);
  Cancellation cancellation;
  const auto cancel = [&](const std::optional<Container>&) {
    cancellation.Cancel();
    return false;
  };

  const absl::Status status = mirror.WaitFor("c1", absl::InfiniteFuture(), cancel, cancellation);

  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

TEST_F(EngineMirrorTest, ReportsAListingThatFailsAndTriesAgainWhenAsked) {
  std::atomic<bool> broken = true;
  server_ = std::make_unique<ScriptedServer>(path_, [&](const std::string& line) -> std::string {
    if (broken && line.find("/networks") != line.npos) {
      return "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nlost";
    }
    return AnswerOfAnIdleEngine(line, "shop:1");
  });
  EngineMirror mirror(engine_);

  EXPECT_EQ(mirror.Snapshot(never_).status().message(), "lost");
  broken = false;
  EXPECT_TRUE(mirror.Snapshot(never_).ok());
}

TEST_F(EngineMirrorTest, DoesWithoutHistoryWhereTheEnginesClockIsBehind) {
  // Such an engine waits for the end of the period it was asked about.
  server_ = std::make_unique<ScriptedServer>(path_, [&](const std::string& line) -> std::string {
    if (line.find("until=") != line.npos) return kOpenStream;
    return AnswerOfAnIdleEngine(line, "shop:1");
  });
  EngineMirror mirror(engine_);

  EXPECT_TRUE(mirror.Snapshot(never_).ok());
  EXPECT_TRUE(mirror.Snapshot(never_).ok());
  EXPECT_TRUE(mirror.Snapshot(never_).ok());
}

}  // namespace
}  // namespace nopo
