#include "daemon/commands/terminal_relay.h"

#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "common/unique_fd.h"
#include "daemon/commands/pseudo_terminal.h"
#include "tests/unit/commands/recorded_output.h"

namespace nopo {
namespace {

class TerminalRelayTest : public testing::Test {
 protected:
  // One round of the loop that a relay is made for.
  void ServeOnce() {
    TerminalRelay::Polled polled = relay_.ToPoll();
    ASSERT_GT(::poll(polled.data(), polled.size(), -1), 0);
    relay_.Serve(polled);
  }
  void Print(const std::string& text) {
    ASSERT_EQ(::write(task_side_.slave.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  std::string ReadAsTask() {
    char bytes[256];
    const ssize_t size = ::read(task_side_.slave.get(), bytes, sizeof(bytes));
    return std::string(bytes, size < 0 ? 0 : static_cast<size_t>(size));
  }

  std::unique_ptr<ClientTerminal> client_ = *ClientTerminal::Create();
  PseudoTerminal task_side_ = *OpenPseudoTerminal({.columns = 80, .rows = 24});
  RecordedOutput output_;
  TerminalSize size_;
  TerminalRelay relay_{{.fd = task_side_.master.get(),
                        .printed = ReportOutput("web:dev", output_),
                        .resize = [this](TerminalSize size) { size_ = size; }},
                       *client_};
};

// A task whose streams come over one connection, as an engine sends them.
class PlainRelayTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    relayed_.Reset(ends[0]);
    engine_.Reset(ends[1]);
    relay_ =
        std::make_unique<TerminalRelay>(RelayedTask{.fd = relayed_.get(),
                                                    .on_terminal = false,
                                                    .printed = ReportOutput("web:exec", output_),
                                                    .resize = [](TerminalSize) {}},
                                        *client_);
  }
  void ServeOnce() {
    TerminalRelay::Polled polled = relay_->ToPoll();
    ASSERT_GT(::poll(polled.data(), polled.size(), -1), 0);
    relay_->Serve(polled);
  }
  // A frame of stdout (1) or stderr (2).
  static std::string Frame(char stream, const std::string& text) {
    return std::string{stream, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())} + text;
  }
  void Send(const std::string& bytes) {
    ASSERT_EQ(::send(engine_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  // What the task gets; nothing at the end of its input, and "-" when there is none now.
  std::string ReadAsTask() {
    std::array<char, 256> bytes;
    const ssize_t size = ::recv(engine_.get(), bytes.data(), bytes.size(), 0);
    return size < 0 ? "-" : std::string(bytes.data(), static_cast<size_t>(size));
  }

  UniqueFd relayed_, engine_;
  std::unique_ptr<ClientTerminal> client_ = *ClientTerminal::Create();
  RecordedOutput output_;
  std::unique_ptr<TerminalRelay> relay_;
};

TEST_F(PlainRelayTest, KeepsTheTwoStreamsApart) {
  Send(Frame(1, "out\n") + Frame(2, std::string("e\0r", 3)));
  engine_.Reset();

  while (!relay_->ended()) ServeOnce();

  EXPECT_EQ(output_.stdout_text(), "out\n");
  EXPECT_EQ(output_.stderr_text(), std::string("e\0r", 3));
  EXPECT_TRUE(relay_->status().ok());
}

TEST_F(PlainRelayTest, TakesWhatCameBeforeTheConnectionCouldBePolled) {
  relay_->Feed(Frame(1, "early").substr(0, 10));
  Send(Frame(1, "early").substr(10));

  ServeOnce();

  EXPECT_EQ(output_.stdout_text(), "early");
}

TEST_F(PlainRelayTest, EndsTheTasksInputBehindAllThatWasTyped) {
  client_->Type("all of it");
  client_->EndTyping();

  ServeOnce();

  EXPECT_EQ(ReadAsTask(), "all of it");
  EXPECT_EQ(ReadAsTask(), "");
}

TEST_F(PlainRelayTest, LeavesTheTasksInputOpenAsLongAsMoreMayBeTyped) {
  client_->Type("some");

  ServeOnce();

  EXPECT_EQ(ReadAsTask(), "some");
  EXPECT_EQ(ReadAsTask(), "-");
}

TEST_F(PlainRelayTest, TakesNoMoreFromTheClientThanTheTaskReads) {
  int asked = 0;
  client_->Type(std::string(8 << 20, 'x'));
  ServeOnce();
  client_->Type(std::string(64 << 10, 'x'));
  client_->WhenWanted([&] { ++asked; });

  ServeOnce();  // For the bell: the socket takes nothing any more.

  EXPECT_EQ(asked, 0);
}

TEST_F(PlainRelayTest, DrainedReadsOnAndLosesWhatTheClientDoesNotTake) {
  client_->Showing(10 << 20);
  Send(Frame(1, "lost"));
  engine_.Reset();

  relay_->Drain();
  while (!relay_->ended()) ServeOnce();

  EXPECT_EQ(output_.stdout_text(), "");
}

TEST_F(PlainRelayTest, EndsWithAnErrorWhereTheEngineSendsNoOutput) {
  Send("HTTP/1.1 500 Oops\r\n");

  ServeOnce();

  EXPECT_TRUE(relay_->ended());
  EXPECT_EQ(relay_->status().code(), absl::StatusCode::kInternal);
}

TEST_F(TerminalRelayTest, ReportsWhatTheTaskPrintsAsATerminalShowsIt) {
  Print("one\n\033[1mtwo");

  while (output_.stdout_text().size() < 12) ServeOnce();

  EXPECT_EQ(output_.stdout_text(), "one\r\n\033[1mtwo");
  EXPECT_EQ(output_.task(), "web:dev");
}

TEST_F(TerminalRelayTest, TypesWhatTheUserTypes) {
  client_->Type("hello\r");

  ServeOnce();

  EXPECT_EQ(ReadAsTask(), "hello\n");
}

TEST_F(TerminalRelayTest, TypesCtrlDForTheEndOfWhatIsTyped) {
  client_->Type("x");
  client_->EndTyping();

  ServeOnce();

  EXPECT_EQ(ReadAsTask(), "x") << "Ctrl-D hands over a line that is not ended";
}

TEST_F(TerminalRelayTest, TellsOfANewSize) {
  client_->Resize({.columns = 111, .rows = 40});

  ServeOnce();

  EXPECT_EQ(size_, (TerminalSize{.columns = 111, .rows = 40}));
}

TEST_F(TerminalRelayTest, ReadsNoMoreThanTheClientTakes) {
  client_->Showing(10 << 20);
  Print("waits");
  client_->Type("x");

  ServeOnce();  // For what was typed, not for the output.
  EXPECT_EQ(output_.stdout_text(), "");

  client_->Shown(10 << 20);
  while (output_.stdout_text().size() < 5) ServeOnce();
  EXPECT_EQ(output_.stdout_text().substr(0, 5), "waits");
}

TEST_F(TerminalRelayTest, EndsWithTheTasksSideAndLosesNothing) {
  Print("last words");
  task_side_.slave.Reset();

  while (!relay_.ended()) ServeOnce();

  EXPECT_EQ(output_.stdout_text(), "last words");
}

TEST_F(TerminalRelayTest, ReadsTheRestWithoutWaitingForASurvivor) {
  Print("rest");

  relay_.ReadRest();  // The task's side stays open.

  EXPECT_EQ(output_.stdout_text(), "rest");
  EXPECT_FALSE(relay_.ended());
}

TEST(PseudoTerminalTest, HasItsSizeFromTheStartAndLater) {
  const absl::StatusOr<PseudoTerminal> terminal = OpenPseudoTerminal({.columns = 90, .rows = 30});
  ASSERT_TRUE(terminal.ok()) << terminal.status();
  winsize size{};
  ASSERT_EQ(::ioctl(terminal->slave.get(), TIOCGWINSZ, &size), 0);
  EXPECT_EQ(size.ws_col, 90);
  EXPECT_EQ(size.ws_row, 30);

  ResizePseudoTerminal(terminal->master.get(), {.columns = 10, .rows = 5});

  ASSERT_EQ(::ioctl(terminal->slave.get(), TIOCGWINSZ, &size), 0);
  EXPECT_EQ(size.ws_col, 10);
}

}  // namespace
}  // namespace nopo
