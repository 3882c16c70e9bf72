// What happens to an engine as a whole: its disk is full, it is restarted.
#include <gmock/gmock.h>

#include <memory>

#include "common/runtime_paths.h"
#include "tests/integration/nopo_test.h"
#include "tests/integration/private_engine.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kMegabyte = 1'000'000;

class EngineFaultsTest : public NopoTest {
 protected:
  void SetUp() override {
    const std::string model = ReadProcessEnvironment("NOPO_TEST_DOCKER_HOST");
    if (!model.empty()) {
      private_engine_ = std::make_unique<PrivateEngine>(model);
      if (!private_engine_->problem().empty()) GTEST_SKIP() << private_engine_->problem();
      SetEngine(private_engine_->docker_host());
    }
    NopoTest::SetUp();
    if (IsSkipped()) return;
    private_engine_->Load(image());
    WriteRoot();
  }
  void TearDown() override {
    NopoTest::TearDown();
    private_engine_.reset();
  }

  // A file of the context that takes no disk here.
  void WriteSparse(int64_t size) {
    Write("apps/web/large", "");
    std::filesystem::resize_file(project() / "apps/web/large", static_cast<size_t>(size));
  }
  std::string RunImage(const std::string& command) {
    return Run({"docker", "run", "--rm", "--network", "none", slug() + "-web:local", "sh", "-c",
                command})
        .out;
  }

  std::unique_ptr<PrivateEngine> private_engine_;
};

// The engine itself keeps what it could not write until it is restarted or collects its garbage.
TEST_F(EngineFaultsTest, ATransferThatFillsTheDiskIsToldAndTheNextOneIsWhole) {
  WriteService("web", "infrastructure: {}\n", "COPY large /large\n");
  WriteSparse(300 * kMegabyte);

  const ProcessOutcome full = Nopo({"build"});

  EXPECT_EQ(full.exit_code, 5);
  EXPECT_THAT(full.err,
              AllOf(HasSubstr("no space left on device"), HasSubstr("docker builder prune")));
  WriteSparse(kMegabyte);
  private_engine_->Stop();
  private_engine_->Start();
  const ProcessOutcome again = Nopo({"build"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(RunImage("stat -c %s /large"), "1000000\n");
}

TEST_F(EngineFaultsTest, AStepThatFillsTheDiskIsToldWithTheRemedy) {
  WriteService("web", "infrastructure: {}\n", "RUN dd if=/dev/zero of=/large bs=1M count=300\n");

  const ProcessOutcome full = Nopo({"build"});

  EXPECT_EQ(full.exit_code, 5);
  EXPECT_THAT(full.err, AllOf(HasSubstr("RUN dd"), HasSubstr("No space left on device"),
                              HasSubstr("docker builder prune")));
}

TEST_F(EngineFaultsTest, ARestartInABuildFailsItAndTheNextIsRight) {
  WriteService("web", "infrastructure: {}\n", "COPY file /file\nRUN echo begun && sleep 600\n");
  Write("apps/web/file", "one");
  const auto build = StartNopo({"build"});
  ASSERT_TRUE(build->WaitForOutput("] begun", absl::Seconds(60))) << build->Output();

  private_engine_->Stop();

  const ProcessOutcome lost = build->Wait(absl::Minutes(1));
  EXPECT_EQ(lost.exit_code, 5) << lost.err;
  EXPECT_THAT(lost.err, HasSubstr("engine"));
  private_engine_->Start();
  WriteService("web", "infrastructure: {}\n", "COPY file /file\n");
  Write("apps/web/file", "two");
  const ProcessOutcome again = Nopo({"build"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(RunImage("cat /file"), "two");
}

TEST_F(EngineFaultsTest, ARestartBetweenBuildsCostsNothing) {
  WriteService("web", "infrastructure: {}\n", "COPY file /file\n");
  Write("apps/web/file", "one");
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);
  private_engine_->Stop();
  private_engine_->Start();

  const ProcessOutcome same = Nopo({"build"});
  Write("apps/web/file", "two");
  const ProcessOutcome edited = Nopo({"build"});

  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_THAT(same.err, HasSubstr("nothing changed"));
  EXPECT_EQ(edited.exit_code, 0) << edited.err;
  EXPECT_EQ(RunImage("cat /file"), "two");
}

}  // namespace
}  // namespace nopo
