// Registries that are down, refuse, or never answer.
#include <gmock/gmock.h>
#include <signal.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"
#include "tests/integration/odd_registry.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kNetworkError = 6;
constexpr char kNobody[] = "127.0.0.1:1";
constexpr char kTooMany[] =
    "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: 73\r\n"
    "Connection: close\r\n\r\n"
    R"({"errors":[{"code":"TOOMANYREQUESTS","message":"your limit is reached"}]})";

class RegistryFaultsTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
  void WriteWebOn(const std::string& registry) {
    Write("apps/web/nopo.yml", "infrastructure: {}\n");
    Write("apps/web/Dockerfile", absl::StrCat("FROM ", registry, "/base:1\n"));
  }
  // Starts nopo and interrupts it once it waits for `registry`.
  void ExpectCtrlCEnds(const OddRegistry& registry, const std::vector<std::string>& arguments) {
    const auto command = StartNopo(arguments);
    ASSERT_TRUE(Eventually([&] { return registry.waiting() > 0; })) << command->Output();

    command->Signal(SIGINT);

    EXPECT_EQ(command->Wait(absl::Minutes(1)).exit_code, 130);
  }
};

TEST_F(RegistryFaultsTest, ABuildOnARegistryThatIsDownNamesIt) {
  WriteWebOn(kNobody);

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kNetworkError);
  EXPECT_THAT(build.err,
              AllOf(HasSubstr("web:build"), HasSubstr(kNobody), HasSubstr("connection refused")));
}

TEST_F(RegistryFaultsTest, ABuildOnARegistryThatRefusesHasItsWords) {
  const OddRegistry registry(kTooMany);
  WriteWebOn(registry.address());

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kNetworkError);
  EXPECT_THAT(build.err, AllOf(HasSubstr(registry.address()), HasSubstr("429 Too Many Requests")));
}

TEST_F(RegistryFaultsTest, APullFromARegistryThatRefusesHasItsWords) {
  const OddRegistry registry(kTooMany);
  Write("apps/db/nopo.yml", absl::StrCat("image: ", registry.address(), "/db:1\n"));

  const ProcessOutcome pull = Nopo({"pull"});

  EXPECT_EQ(pull.exit_code, kNetworkError);
  EXPECT_THAT(pull.err, AllOf(HasSubstr("db:pull"), HasSubstr("your limit is reached")));
}

TEST_F(RegistryFaultsTest, APushToARegistryThatIsDownNamesItAndTheImageIsBuilt) {
  environment()["DOCKER_REGISTRY"] = kNobody;
  environment()["DOCKER_VERSION"] = "v1";
  WriteService("web", "infrastructure: {}\n");

  const ProcessOutcome build = Nopo({"build", "--push"});

  EXPECT_EQ(build.exit_code, kNetworkError);
  EXPECT_THAT(build.err, AllOf(HasSubstr("web:push"), HasSubstr("connection refused")));
  const std::string tag = absl::StrCat(kNobody, "/", slug(), "-web:v1");
  EXPECT_TRUE(engine().RemoveImage(tag, never()).ok());
}

TEST_F(RegistryFaultsTest, CtrlCEndsABuildThatWaitsForARegistry) {
  const OddRegistry registry;
  WriteWebOn(registry.address());

  ExpectCtrlCEnds(registry, {"build"});
  EXPECT_TRUE(Eventually([&] { return registry.waiting() == 0; })) << "the engine has given up";
}

TEST_F(RegistryFaultsTest, CtrlCEndsAPullThatWaitsForARegistry) {
  const OddRegistry registry;
  Write("apps/db/nopo.yml", absl::StrCat("image: ", registry.address(), "/db:1\n"));

  ExpectCtrlCEnds(registry, {"pull"});
}

}  // namespace
}  // namespace nopo
