// An engine behind TLS, as DOCKER_TLS_VERIFY and DOCKER_CERT_PATH tell of it.
#include <gmock/gmock.h>

#include "tests/integration/nopo_test.h"
#include "tests/integration/port_relay.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kEngineError = 5;

class EngineTlsTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    if (engine().endpoint().kind != Endpoint::Kind::kUnix) GTEST_SKIP() << "not at a socket";
    WriteRoot();
    certificates_ = project().parent_path() / "tls";
    MakeCertificates(certificates_, environment());
    relay_ = std::make_unique<PortRelay>(engine().endpoint().path, environment(), certificates_);
    environment()["DOCKER_HOST"] = relay_->address();
    environment()["DOCKER_TLS_VERIFY"] = "1";
  }

  std::filesystem::path certificates_;
  std::unique_ptr<PortRelay> relay_;
};

TEST_F(EngineTlsTest, BuildsAndStartsServicesAsAnyOther) {
  environment()["DOCKER_CERT_PATH"] = certificates_;
  WriteService("web", "infrastructure: {command: sleep 1000}\n", "RUN echo made > /what\n");

  const ProcessOutcome up = Nopo({"up"});
  const ProcessOutcome again = Nopo({"up"});

  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(ContainerOf("web").state, ContainerState::kRunning);
  EXPECT_THAT(again.err, HasSubstr("nothing changed"));
}

TEST_F(EngineTlsTest, AnEngineThatIsNotTrustedIsNotUsed) {
  const std::filesystem::path others = project().parent_path() / "others";
  MakeCertificates(others, environment());
  environment()["DOCKER_CERT_PATH"] = others;
  WriteService("web", "infrastructure: {command: sleep 1000}\n");

  const ProcessOutcome up = Nopo({"up"});

  EXPECT_EQ(up.exit_code, kEngineError);
  EXPECT_THAT(up.err, AllOf(HasSubstr("certificate"), HasSubstr("DOCKER_CERT_PATH")));
}

}  // namespace
}  // namespace nopo
