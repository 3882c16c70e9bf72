#include "daemon/project/project_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

std::shared_ptr<const Project> Get(ProjectCache& cache, const TemporaryProject& files) {
  absl::StatusOr<std::shared_ptr<const Project>> project = cache.Get(files.root());
  EXPECT_TRUE(project.ok()) << project.status();
  return project.ok() ? *project : std::make_shared<const Project>();
}

// Loads until the files are old enough to be trusted; the clock alone makes that happen.
std::shared_ptr<const Project> Settle(ProjectCache& cache, const TemporaryProject& files) {
  std::shared_ptr<const Project> project = Get(cache, files);
  for (auto again = Get(cache, files); again != project; again = Get(cache, files)) project = again;
  return project;
}

TEST(ProjectCacheTest, AnswersFromMemoryWhileNothingChanges) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("apps/web/nopo.yml", "");
  ProjectCache cache;
  const auto project = Settle(cache, files);
  EXPECT_EQ(Get(cache, files), project);
  EXPECT_EQ(cache.size(), 1);
}

TEST(ProjectCacheTest, SeesEveryKindOfChange) {
  const std::pair<const char*, std::function<void(TemporaryProject&)>> kChanges[] = {
      {"an edit", [](auto& files) { files.Write("apps/web/nopo.yml", "name: other\n"); }},
      {"a new target", [](auto& files) { files.Write("apps/api/nopo.yml", ""); }},
      {"a nopo.yml in a directory that was there",
       [](auto& files) { files.Write("apps/empty/nopo.yml", ""); }},
      {"a new Dockerfile", [](auto& files) { files.Write("apps/web/Dockerfile", ""); }},
      {"a deleted target",
       [](auto& files) { std::filesystem::remove_all(files.root() / "apps/web"); }},
      {"a renamed target",
       [](auto& files) {
         std::filesystem::rename(files.root() / "apps/web", files.root() / "apps/site");
       }},
      {"a new directory of a glob", [](auto& files) { files.Write("libs/new/lib/nopo.yml", ""); }},
      {"a base Dockerfile", [](auto& files) { files.Write("nopo/docker/Dockerfile", ""); }},
  };
  for (const auto& [what, change] : kChanges) {
    TemporaryProject files;
    files.Write("nopo.yml", "name: shop\nservices: {dirs: [apps, 'libs/*']}\n");
    files.Write("apps/web/nopo.yml", "name: web\n").Write("apps/empty/x", "").Write("libs/x", "");
    ProjectCache cache;
    const auto before = Settle(cache, files);
    change(files);
    EXPECT_NE(Get(cache, files), before) << what;
  }
}

TEST(ProjectCacheTest, SeesAnEditOfTheSameSizeWhoseTimeWasPutBack) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: one\n");
  ProjectCache cache;
  Settle(cache, files);
  const std::filesystem::path path = files.root() / "nopo.yml";
  struct stat before;
  ASSERT_EQ(::stat(path.c_str(), &before), 0);

  files.Write("nopo.yml", "name: two\n");
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);

  EXPECT_EQ(Get(cache, files)->name, "two");
}

TEST(ProjectCacheTest, SeesEditsInQuickSuccession) {
  TemporaryProject files;
  ProjectCache cache;
  for (int i = 100; i < 200; ++i) {
    files.Write("nopo.yml", "name: n" + std::to_string(i) + "\n");
    EXPECT_EQ(Get(cache, files)->name, "n" + std::to_string(i));
  }
}

TEST(ProjectCacheTest, SeesALinkThatLeadsNowhereAppear) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("apps/web/x", "");
  ProjectCache cache;
  Settle(cache, files);
  std::filesystem::create_symlink("nowhere", files.root() / "apps/web/nopo.yml");
  EXPECT_FALSE(cache.Get(files.root()).ok());
}

// Loads until every target is old enough to be taken from the load before.
LoadedProject LoadSettled(const TemporaryProject& files) {
  LoadedProject loaded = *LoadProject(files.root());
  while (true) {
    LoadedProject next = *LoadProject(files.root(), &loaded);
    const bool settled = next.targets == loaded.targets;
    loaded = std::move(next);
    if (settled) return loaded;
  }
}

TEST(LoadProjectTest, ReadsAgainOnlyTargetsWhoseFilesChanged) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("apps/web/nopo.yml", "dependencies: [API]\n");
  files.Write("apps/api/nopo.yml", "colour: red\n").Write("apps/old/nopo.yml", "");
  const LoadedProject before = LoadSettled(files);

  files.Write("apps/web/Dockerfile", "").Write("apps/new/nopo.yml", "");
  std::filesystem::remove_all(files.root() / "apps/old");
  const LoadedProject after = *LoadProject(files.root(), &before);

  const auto reading = [&](const LoadedProject& loaded, const char* name) {
    return loaded.targets.at(files.root() / "apps" / name);
  };
  EXPECT_EQ(reading(after, "api"), reading(before, "api"));
  EXPECT_NE(reading(after, "web"), reading(before, "web"));
  EXPECT_THAT(after.project->TargetIds(), ElementsAre("api", "new", "web"));
  EXPECT_EQ(after.project->FindTarget("web")->dependencies[0].target, "api");
  EXPECT_EQ(after.project->warnings, before.project->warnings) << "kept with what they are about";
  EXPECT_EQ(after.project->warnings.size(), 1u);
}

TEST(LoadProjectTest, TellsMistakesOfWhatItDidNotReadAgainToo) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("apps/web/nopo.yml", "dependencies: [api]\n");
  files.Write("apps/api/nopo.yml", "");
  const LoadedProject before = LoadSettled(files);

  std::filesystem::remove_all(files.root() / "apps/api");

  EXPECT_THAT(std::string(LoadProject(files.root(), &before).status().message()),
              HasSubstr("apps/web/nopo.yml:1:16: dependencies: found 'api', which is no target"));
}

TEST(ProjectCacheTest, KeepsNoMistakes) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n");
  ProjectCache cache;
  Settle(cache, files);
  files.Write("nopo.yml", "name: [\n");
  EXPECT_FALSE(cache.Get(files.root()).ok());
  EXPECT_EQ(cache.size(), 0);
  files.Write("nopo.yml", "name: good\n");
  EXPECT_EQ(Get(cache, files)->name, "good");
}

TEST(ProjectCacheTest, KeepsProjectsApart) {
  TemporaryProject a, b;
  a.Write("nopo.yml", "name: a\n");
  b.Write("nopo.yml", "name: b\n");
  ProjectCache cache;
  EXPECT_EQ(Get(cache, a)->name, "a");
  EXPECT_EQ(Get(cache, b)->name, "b");
  EXPECT_EQ(cache.size(), 2);
}

class CacheLines final : public DebugLog {
 public:
  CacheLines() : DebugLog(DebugAreas::Parse("cache,config")) {}
  std::string text;

 private:
  void WriteDebug(std::string area, std::string message) override {
    text += area + ": " + message + "\n";
  }
};

TEST(ProjectCacheTest, TellsWhyItReadsTheFilesAndWhich) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n");
  ProjectCache cache;
  CacheLines first, hit, edited;

  ASSERT_TRUE(cache.Get(files.root(), first).ok());
  Settle(cache, files);
  ASSERT_TRUE(cache.Get(files.root(), hit).ok());
  files.Write("nopo.yml", "name: other\n");
  ASSERT_TRUE(cache.Get(files.root(), edited).ok());

  const std::string file = (files.root() / "nopo.yml").string();
  EXPECT_EQ(first.text, "cache: project: miss, not in memory\nconfig: read " + file + "\n");
  EXPECT_THAT(hit.text, testing::StartsWith("cache: project: hit, "));
  EXPECT_EQ(edited.text, "cache: project: miss, " + file + " changed\nconfig: read " + file + "\n");
}

TEST(OutdatedTextTest, TellsWhatBecameOfTheFile) {
  TemporaryProject files;
  files.Write("kept", "one");
  const FileStamp kept = StampOf(files.root() / "kept");
  const FileStamp absent = StampOf(files.root() / "new");
  files.Write("new", "two");
  const FileStamp present = StampOf(files.root() / "new");
  std::filesystem::remove(files.root() / "new");

  EXPECT_THAT(OutdatedText(kept),
              testing::EndsWith("kept had changed a moment before it was read"));
  EXPECT_THAT(OutdatedText(present), testing::EndsWith("new is gone"));
  files.Write("new", "two");
  EXPECT_THAT(OutdatedText(absent), testing::EndsWith("new is new"));
}

TEST(ProjectCacheTest, TellsWhatAProjectIsReadFromAlsoWhenItHasMistakes) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("apps/web/nopo.yml", "");
  ProjectCache cache;
  const auto paths = [&] {
    std::vector<std::string> found;
    for (const FileStamp& stamp : cache.FilesOf(files.root())) {
      if (stamp.exists && !stamp.is_directory) {
        found.push_back(stamp.path.lexically_relative(files.root()).string());
      }
    }
    return found;
  };
  EXPECT_THAT(paths(), IsSupersetOf({"nopo.yml", "apps/web/nopo.yml"}));

  files.Write("apps/web/nopo.yml", "tags: [\n");
  EXPECT_THAT(paths(), IsSupersetOf({"nopo.yml", "apps/web/nopo.yml"}));

  files.Write("nopo.yml", "name: [\n");
  EXPECT_THAT(paths(), ElementsAre("nopo.yml"));
}

}  // namespace
}  // namespace nopo
