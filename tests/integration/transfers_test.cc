// What of a context goes over to BuildKit, and what becomes of a build whose files are in the way.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "tests/fakes/engine_proxy.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kMegabyte = 1'000'000;

// What no compression and no cache makes smaller.
std::string Noise(size_t size) {
  std::mt19937_64 random(std::random_device{}());
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

class TransfersTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }

  // A service whose context is the whole project.
  void WriteWholeProjectService(const std::string& name, const std::string& dockerfile) {
    WriteService(name, "infrastructure: {}\nbuild: {context: root}\n", dockerfile);
  }

  // What `nopo build ... --json` says of the bytes sent; -1 when the build failed.
  int64_t BytesSentBy(const std::vector<std::string>& arguments) {
    std::vector<std::string> whole = {"build", "--json"};
    whole.insert(whole.end(), arguments.begin(), arguments.end());
    const ProcessOutcome build = Nopo(whole);
    EXPECT_EQ(build.exit_code, 0) << build.err;
    if (build.exit_code != 0) return -1;
    return LastBytesSentIn(build.out);
  }

  static int64_t LastBytesSentIn(const std::string& json) {
    const std::string key = "\"bytes_sent\":";
    const size_t at = json.rfind(key);
    return at == std::string::npos ? -1 : std::atoll(json.c_str() + at + key.size());
  }

  std::string Tag(const std::string& target) const { return slug() + "-" + target + ":local"; }
  std::string RunImage(const std::string& target, const std::string& command) {
    return Run({"docker", "run", "--rm", "--network", "none", Tag(target), "sh", "-c", command})
        .out;
  }

  // A line of a process's /proc/PID/status, in kB.
  static int64_t MemoryOf(int pid, const std::string& key) {
    std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
    for (std::string line; std::getline(status, line);) {
      std::istringstream words(line);
      std::string name;
      int64_t value = 0;
      if (words >> name >> value && name == key + ":") return value;
    }
    return -1;
  }
};

TEST_F(TransfersTest, ABuildSaysHowMuchWentOver) {
  WriteService("web", "infrastructure: {}\n", "COPY noise /noise\n");
  Write("apps/web/noise", Noise(2 * kMegabyte));
  Settle();

  const ProcessOutcome build = Nopo({"build", "--json"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_THAT(build.err, AllOf(HasSubstr("sent 2.0 MB"), HasSubstr("2.0 MB sent to BuildKit")));
  EXPECT_GT(LastBytesSentIn(build.out), 2 * kMegabyte);
  EXPECT_EQ(BytesSentBy({}), 0) << "nothing changed: BuildKit is not asked";
}

TEST_F(TransfersTest, ImagesOfOneContextSendItOnce) {
  Write("noise", Noise(2 * kMegabyte));
  for (const char* name : {"a", "b", "c"}) {
    WriteWholeProjectService(name, absl::StrCat("COPY . /all\nENV NAME=", name, "\n"));
  }

  const int64_t sent = BytesSentBy({});

  EXPECT_GT(sent, 2 * kMegabyte);
  EXPECT_LT(sent, 3 * kMegabyte);
}

TEST_F(TransfersTest, OfFiveThousandFilesOnlyTheChangedOneGoesOver) {
  constexpr int kFiles = 5000;
  for (int i = 0; i < kFiles; ++i) Write(absl::StrCat("apps/web/src/d", i / 100, "/f", i), "x");
  WriteService("web", "infrastructure: {}\n", "COPY . /all\n");
  ASSERT_GT(BytesSentBy({}), 0);
  Write("apps/web/src/d7/f700", Noise(kMegabyte));

  const int64_t sent = BytesSentBy({});

  EXPECT_GT(sent, kMegabyte);
  EXPECT_LT(sent, kMegabyte + int64_t{kFiles} * 60);
}

TEST_F(TransfersTest, OnlyWhatTheDockerfileCopiesGoesOver) {
  Write("apps/web/wanted/file", "x");
  Write("apps/web/other/noise", Noise(2 * kMegabyte));
  WriteService("web", "infrastructure: {}\n", "COPY wanted /wanted\n");

  EXPECT_LT(BytesSentBy({}), kMegabyte);
}

TEST_F(TransfersTest, TheDockerfilesOwnIgnoreFileWins) {
  WriteService("web", "infrastructure: {}\n", "COPY . /all\n");
  Write("apps/web/.dockerignore", "*\n");
  Write("apps/web/Dockerfile.dockerignore", "noise\nDockerfile*\n");
  Write("apps/web/kept", "x");
  Write("apps/web/noise", Noise(2 * kMegabyte));

  EXPECT_LT(BytesSentBy({}), kMegabyte);

  EXPECT_THAT(RunImage("web", "ls /all"), AllOf(HasSubstr("kept"), Not(HasSubstr("noise"))));
}

TEST_F(TransfersTest, AContextOfFiftyThousandFilesIsBuilt) {
  constexpr int kFiles = 50'000;
  for (int i = 0; i < kFiles; ++i) Write(absl::StrCat("apps/web/src/d", i / 1000, "/f", i), "");
  WriteService("web", "infrastructure: {}\n", "COPY src /src\n");
  Settle();

  EXPECT_GT(BytesSentBy({}), 0);

  EXPECT_EQ(RunImage("web", "find /src -type f | wc -l"), absl::StrCat(kFiles, "\n"));
  EXPECT_EQ(BytesSentBy({}), 0);
}

TEST_F(TransfersTest, ThirtyImagesAreBuiltAtOnce) {
  Write("noise", Noise(kMegabyte));
  for (int i = 0; i < 30; ++i) {
    WriteWholeProjectService(absl::StrCat("s", i), absl::StrCat("COPY . /all\nENV I=", i, "\n"));
  }

  EXPECT_LT(BytesSentBy({"--jobs", "30"}), 3 * kMegabyte);

  for (int i = 0; i < 30; ++i) {
    EXPECT_TRUE(engine().InspectImage(Tag(absl::StrCat("s", i)), never()).ok()) << i;
  }
}

TEST_F(TransfersTest, ALargeFileCostsTheDaemonNoMemory) {
  constexpr int64_t kSize = 300 * kMegabyte;
  WriteService("web", "infrastructure: {}\n", "COPY sparse /sparse\n");
  Write("apps/web/sparse", "");
  std::filesystem::resize_file(project() / "apps/web/sparse", kSize);
  const int pid = DaemonPid();

  EXPECT_GT(BytesSentBy({}), kSize);

  EXPECT_LT(MemoryOf(pid, "VmHWM"), 100'000);
  EXPECT_EQ(RunImage("web", "stat -c %s /sparse"), absl::StrCat(kSize, "\n"));
}

TEST_F(TransfersTest, WhateverBecomesOfFilesTheImageHasWhatIsThere) {
  constexpr char kBefore[] = R"(
mkdir -p dir/sub swapped gone && echo 1 >file && echo 2 >dir/sub/file && echo 3 >swapped/inner
echo 4 >gone/file && echo 5 >mode && echo 6 >one && ln one other && ln -s file link && echo 7 >moved
)";
  constexpr char kAfter[] = R"(
rm file && mkdir file && echo 8 >file/inner && rm -r swapped && echo 9 >swapped && rm -r gone
chmod 4755 mode && chmod 1777 dir && rm other && echo 6 >other && ln -sf mode link && mv moved dir/
ln dir/sub/file hard
)";
  constexpr char kState[] = R"(
find . -mindepth 1 ! -type d -exec stat -c '%n %f %s %h' {} + | sort
find . -mindepth 1 -type d -exec stat -c '%n %f' {} + | sort
find . -type f -exec md5sum {} + | sort; readlink link)";
  WriteService("web", "infrastructure: {}\n", "COPY . /all\n");
  for (const char* edit : {kBefore, kAfter}) {
    ASSERT_EQ(Run({"sh", "-ec", absl::StrCat("cd apps/web\n", edit)}).exit_code, 0);

    EXPECT_GT(BytesSentBy({}), 0);

    EXPECT_EQ(RunImage("web", absl::StrCat("cd /all; ", kState)),
              Run({"sh", "-c", absl::StrCat("export LC_ALL=C; cd apps/web; ", kState)}).out);
  }
}

// Images that are sent at once make the engine keep several copies of their context.
TEST_F(TransfersTest, AFileReplacedUnderItsSizeAndTimeIsSeenWhicheverCopyTheEngineHas) {
  for (const char* name : {"a", "b", "c"}) {
    Write(absl::StrCat("of-", name), name);
    WriteWholeProjectService(name, absl::StrCat("COPY file of-", name, " /\n"));
  }
  const auto replace = [this](const std::string& text) {
    Write("file", text);
    ASSERT_EQ(Run({"touch", "-d", "2001-02-03", "file"}).exit_code, 0);
  };
  replace("one");
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  replace("two");
  ASSERT_EQ(Nopo({"build", "a"}).exit_code, 0);
  EXPECT_EQ(RunImage("a", "cat /file"), "two");
  replace("six");

  EXPECT_EQ(Nopo({"build"}).exit_code, 0);

  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(RunImage(name, "cat /file"), "six") << name;
}

TEST_F(TransfersTest, CtrlCEndsATransferAndTheNextIsWhole) {
  WriteService("web", "infrastructure: {}\n", "COPY . /all\n");
  Write("apps/web/file", "one");
  Write("apps/web/sparse", "");
  std::filesystem::resize_file(project() / "apps/web/sparse", 3'000 * kMegabyte);
  const auto build = StartNopo({"build"});
  ASSERT_TRUE(build->WaitForOutput("load build context", absl::Minutes(1)));

  build->Signal(SIGINT);

  EXPECT_EQ(build->Wait(absl::Minutes(1)).exit_code, 130);
  std::filesystem::resize_file(project() / "apps/web/sparse", 10);
  EXPECT_GT(BytesSentBy({}), 0);
  EXPECT_EQ(RunImage("web", "cat /all/file; stat -c ' %s' /all/sparse"), "one 10\n");
}

TEST_F(TransfersTest, WhatACommandOfTheRequestMadeIsInTheImagesThatFollow) {
  Write("made", "before");
  WriteWholeProjectService("first", "COPY made /made\n");
  Write("libs/gen/nopo.yml",
        "dependencies: [first]\nbuild: {command: 'echo after > ../../made'}\n");
  WriteService("second", "infrastructure: {}\ndependencies: [gen]\nbuild: {context: root}\n",
               "COPY made /made\n");
  WriteRoot("services: {dirs: [./apps, './libs*']}\n");

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage("first", "cat /made"), "before");
  EXPECT_EQ(RunImage("second", "cat /made"), "after\n");
}

TEST_F(TransfersTest, WhatChangesAllTheTimeIsSentWithAWarningAndNeverTakenForKnown) {
  WriteService("web", "infrastructure: {}\n", "COPY . /all\n");
  Write("apps/web/log", "");
  Write("apps/web/noise", Noise(5 * kMegabyte));
  {
    const TestProcess writer({"/bin/sh", "-c", "while :; do echo line >> apps/web/log; done"},
                             environment(), project().string());
    ASSERT_TRUE(Eventually([&] { return !Read("apps/web/log").empty(); }));

    const ProcessOutcome build = Nopo({"build"});

    EXPECT_EQ(build.exit_code, 0) << build.err;
    EXPECT_THAT(build.err, HasSubstr("log changed while"));
  }
  EXPECT_THAT(Nopo({"build"}).err, Not(HasSubstr("nothing changed")));
  EXPECT_EQ(RunImage("web", "cat /all/log"), Read("apps/web/log"));
}

// nopo and nopod without root's right to read everything.
class UnreadableTest : public TransfersTest {
 protected:
  void SetUp() override {
    TransfersTest::SetUp();
    if (IsSkipped()) return;
    WriteService("web", "infrastructure: {}\n", "COPY . /all\n");
    Write("apps/web/src/kept", "x");
    Write("apps/web/src/secret", "x");
    ASSERT_EQ(::chmod((project() / "apps/web/src/secret").c_str(), 0), 0);
  }
  ProcessOutcome Build() {
    if (::geteuid() != 0) return Nopo({"build"});
    const std::string drop = "-dac_override,-dac_read_search";
    return Run({"setpriv", "--bounding-set", drop, "--inh-caps", drop, NOPO_BINARY, "build"});
  }
};

TEST_F(UnreadableTest, AFileThatMayNotBeReadIsNamed) {
  const ProcessOutcome build = Build();

  EXPECT_EQ(build.exit_code, 5);
  EXPECT_THAT(build.err, AllOf(HasSubstr("apps/web/src/secret: Permission denied"),
                               HasSubstr(".dockerignore")));
}

TEST_F(UnreadableTest, AnIgnoredFileNeedNotBeReadable) {
  Write("apps/web/.dockerignore", "src/secret\n");

  const ProcessOutcome build = Build();

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage("web", "ls /all/src"), "kept\n");
}

TEST_F(UnreadableTest, AFolderThatMayNotBeReadIsNamedUnlessItIsNotWanted) {
  std::filesystem::create_directory(project() / "apps/web/locked");
  ASSERT_EQ(::chmod((project() / "apps/web/locked").c_str(), 0), 0);
  Write("apps/web/.dockerignore", "src/secret\n");

  EXPECT_THAT(Build().err, HasSubstr("apps/web/locked: Permission denied"));
  Write("apps/web/Dockerfile", absl::StrCat("FROM ", image(), "\nCOPY src /all\n"));
  EXPECT_EQ(Build().exit_code, 0);
}

// An engine whose connections break.
class LostTransferTest : public TransfersTest {
 protected:
  void SetUp() override {
    TransfersTest::SetUp();
    if (IsSkipped()) return;
    proxy_.emplace(project().parent_path() / "engine.sock", engine().endpoint());
    environment()["DOCKER_HOST"] = proxy_->docker_host();
    WriteService("web", "infrastructure: {}\n", "COPY . /all\n");
    Write("apps/web/file", "one");
  }
  void TearDown() override {
    NopoTest::TearDown();
    proxy_.reset();
  }
  std::optional<EngineProxy> proxy_;
};

TEST_F(LostTransferTest, AConnectionLostInATransferFailsTheBuildAndTheNextIsRight) {
  Write("apps/web/sparse", "");
  std::filesystem::resize_file(project() / "apps/web/sparse", 3'000 * kMegabyte);
  const auto build = StartNopo({"build"});
  ASSERT_TRUE(build->WaitForOutput("load build context", absl::Seconds(60)));

  proxy_->Cut();

  const ProcessOutcome lost = build->Wait(absl::Minutes(1));
  EXPECT_EQ(lost.exit_code, 5) << lost.err;
  EXPECT_THAT(lost.err, HasSubstr("engine"));
  proxy_->Restore();
  std::filesystem::resize_file(project() / "apps/web/sparse", 10);
  Write("apps/web/file", "two");
  const ProcessOutcome again = Nopo({"build"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(RunImage("web", "cat /all/file; stat -c ' %s' /all/sparse"), "two 10\n");
}

TEST_F(LostTransferTest, AnEngineThatWasRestartedBetweenBuildsIsNoFailure) {
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  proxy_->Cut();
  proxy_->Restore();
  Write("apps/web/file", "two");

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage("web", "cat /all/file"), "two");
}

}  // namespace
}  // namespace nopo
