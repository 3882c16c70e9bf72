#include "daemon/commands/terminal_relay.h"

#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

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
  TerminalRelay relay_{"web:dev", task_side_.master.get(), *client_, output_,
                       [this](TerminalSize size) { size_ = size; }};
};

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
