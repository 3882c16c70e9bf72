// What RUN --mount=type=secret and type=ssh get.
#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/runtime_paths.h"
#include "common/unique_fd.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kConfigurationError = 4;

class BuildMountsTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
  // A step that notes how long the secret is, which no other test's image has: a secret is no part
  // of what steps are cached by.
  std::string NoteLength() const {
    return absl::StrCat("RUN --mount=type=secret,id=token wc -c < /run/secrets/token > /length # ",
                        slug(), "\n");
  }
  std::string RunImage(const std::string& command) {
    const ProcessOutcome run = Run(
        {"docker", "run", "--rm", "--network", "none", slug() + "-web:local", "sh", "-c", command});
    return run.out + run.err;
  }
};

TEST_F(BuildMountsTest, ASecretFileIsReadByItsStepAndIsInNoImage) {
  WriteService("web", "infrastructure: {}\nbuild: {secrets: [{id: token, src: token.txt}]}\n",
               NoteLength());
  Write("apps/web/token.txt", "12345");
  Write("apps/web/.dockerignore", "token.txt\n");

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage("cat /length; ls /run/secrets 2>/dev/null"), "5\n");
}

TEST_F(BuildMountsTest, ASecretMayBeAVariableOfTheCaller) {
  WriteService("web",
               "infrastructure: {}\nbuild: {secrets: [{id: token, environment: API_TOKEN}]}\n",
               NoteLength());
  environment()["API_TOKEN"] = "1234567";

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage("cat /length"), "7\n");
}

TEST_F(BuildMountsTest, AnotherValueOfASecretBuildsNothingAnew) {
  WriteService("web", "infrastructure: {}\nbuild: {secrets: [token]}\n", NoteLength());
  environment()["token"] = "one";
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);

  environment()["token"] = "another";

  EXPECT_THAT(Nopo({"build"}).err, HasSubstr("nothing changed"));
}

TEST_F(BuildMountsTest, ASecretFileThatIsMissingIsNamed) {
  WriteService("web", "infrastructure: {}\nbuild: {secrets: [{id: token, src: none.txt}]}\n",
               NoteLength());

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kConfigurationError);
  EXPECT_THAT(build.err, AllOf(HasSubstr("token"), HasSubstr("none.txt")));
}

TEST_F(BuildMountsTest, WithoutAnAgentTheBuildSaysSo) {
  WriteService("web", "infrastructure: {}\nbuild: {ssh: [default]}\n");

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kConfigurationError);
  EXPECT_THAT(build.err, HasSubstr("SSH_AUTH_SOCK"));
}

// Answers whoever connects with the first bytes they send.
class EchoAgent {
 public:
  explicit EchoAgent(const std::string& path) : listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    thread_ = std::thread([this] { Serve(); });
  }
  ~EchoAgent() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

 private:
  void Serve() {
    while (true) {
      const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      if (!client.valid()) return;
      std::array<char, 64> bytes;
      const ssize_t size = ::recv(client.get(), bytes.data(), bytes.size(), 0);
      if (size > 0) ::send(client.get(), bytes.data(), static_cast<size_t>(size), MSG_NOSIGNAL);
    }
  }

  const UniqueFd listener_;
  std::thread thread_;
};

TEST_F(BuildMountsTest, ABuildTalksToTheCallersSshAgent) {
  const std::string python = ReadProcessEnvironment("NOPO_TEST_PYTHON_IMAGE");
  if (python.empty()) GTEST_SKIP() << "NOPO_TEST_PYTHON_IMAGE names no image";
  Write("apps/web/nopo.yml", "infrastructure: {}\nbuild: {ssh: [default]}\n");
  Write("apps/web/ask.py",
        "import os, socket\n"
        "agent = socket.socket(socket.AF_UNIX)\n"
        "agent.connect(os.environ['SSH_AUTH_SOCK'])\n"
        "agent.sendall(b'who are you')\n"
        "print(agent.recv(64).decode())\n");
  Write("apps/web/Dockerfile",
        absl::StrCat("FROM ", python,
                     "\nCOPY ask.py /\nRUN --mount=type=ssh python3 /ask.py > /answer\n"));
  const std::string socket = (project().parent_path() / "agent").string();
  const EchoAgent agent(socket);
  environment()["SSH_AUTH_SOCK"] = socket;

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_EQ(RunImage("cat /answer"), "who are you\n");
}

}  // namespace
}  // namespace nopo
