#include "daemon/docker/image_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "tests/unit/docker/scripted_server.h"
#include "tests/unit/docker/temporary_directory.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

EngineEvent ImageEvent(const std::string& action, const std::string& name) {
  return {"image", action, "sha256:9", {{"name", name}}};
}

// An engine that has every image, under the id sha256:1.
class ImageLookupTest : public testing::Test {
 protected:
  ImageLookupTest() : server_(path_, [this](const std::string& line) { return Answer(line); }) {}

  std::string Answer(const std::string& line) {
    if (line.find("/images/") == line.npos) return OkAnswer("OK", "Api-Version: 1.44\r\n");
    std::string name = line.substr(line.find("/images/") + 8);
    name = name.substr(0, name.find("/json"));
    {
      MutexLock lock(mutex_);
      ++inspections_[name];
    }
    held_.wait();
    return OkAnswer(R"({"Id":"sha256:1"})");
  }

  absl::StatusOr<ImageIds> Find(const std::vector<std::string>& names) {
    return lookup_.Find(names, absl::InfinitePast(), never_);
  }

  int Inspections(const std::string& name) {
    MutexLock lock(mutex_);
    return inspections_[name];
  }

  const Cancellation never_;
  std::promise<void> let_go_;  // Of the answers about images.
  std::shared_future<void> held_ = let_go_.get_future().share();
  Mutex mutex_;
  std::map<std::string, int> inspections_ ABSL_GUARDED_BY(mutex_);
  const TemporaryDirectory folder_;
  const std::string path_ = (folder_.path() / "s").string();
  ScriptedServer server_;
  DockerEngine engine_{{.path = path_}};
  ImageLookup lookup_{engine_};
};

TEST_F(ImageLookupTest, ManyWhoWantToKnowAskOnce) {
  std::vector<std::thread> threads;
  std::vector<std::promise<void>> begun(4);
  for (std::promise<void>& promise : begun) {
    threads.emplace_back([&] {
      promise.set_value();
      EXPECT_THAT(Find({"shop:1"}).value(), ElementsAre(Pair("shop:1", "sha256:1")));
    });
  }
  for (std::promise<void>& promise : begun) promise.get_future().wait();

  let_go_.set_value();

  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Inspections("shop:1"), 1);
}

TEST_F(ImageLookupTest, WhoWaitsForAnothersQuestionCanBeCancelled) {
  std::thread asker([&] { EXPECT_TRUE(Find({"shop:1"}).ok()); });
  while (Inspections("shop:1") == 0) std::this_thread::yield();
  Cancellation cancellation;
  std::thread waiter([&] {
    EXPECT_TRUE(
        absl::IsCancelled(lookup_.Find({"shop:1"}, absl::InfinitePast(), cancellation).status()));
  });

  cancellation.Cancel();

  waiter.join();
  let_go_.set_value();
  asker.join();
}

TEST_F(ImageLookupTest, ATagLeavesOtherNamesAlone) {
  let_go_.set_value();
  ASSERT_TRUE(Find({"shop:1", "shop:2"}).ok());

  lookup_.Note(ImageEvent("tag", "docker.io/library/shop:2"));

  ASSERT_TRUE(Find({"shop:1", "shop:2"}).ok());
  EXPECT_EQ(Inspections("shop:1"), 1);
  EXPECT_EQ(Inspections("shop:2"), 2);
}

TEST_F(ImageLookupTest, ATagMayBringAnImageThatIsNamedByItsId) {
  let_go_.set_value();
  const std::vector<std::string> names = {"sha256:9", "shop@sha256:9", "beef"};
  ASSERT_TRUE(Find(names).ok());

  lookup_.Note(ImageEvent("tag", "shop:2"));

  ASSERT_TRUE(Find(names).ok());
  for (const char* name : {"sha256:9", "shop@sha256:9", "beef:latest"}) {
    EXPECT_EQ(Inspections(name), 2) << name;
  }
}

TEST_F(ImageLookupTest, OtherNewsOfAnImageMayBeAboutAnyName) {
  let_go_.set_value();
  for (const char* action : {"untag", "delete", "load", "pull"}) {
    ASSERT_TRUE(Find({"shop:1"}).ok());
    const int before = Inspections("shop:1");

    lookup_.Note(ImageEvent(action, "sha256:9"));

    ASSERT_TRUE(Find({"shop:1"}).ok());
    EXPECT_EQ(Inspections("shop:1"), before + 1) << action;
  }
}

}  // namespace
}  // namespace nopo
