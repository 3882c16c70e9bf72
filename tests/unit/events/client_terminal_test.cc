#include "daemon/events/client_terminal.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace nopo {
namespace {

class ClientTerminalTest : public testing::Test {
 protected:
  bool Rings() const {
    pollfd bell{.fd = terminal_->bell_fd(), .events = POLLIN, .revents = 0};
    return ::poll(&bell, 1, 0) == 1;
  }

  std::unique_ptr<ClientTerminal> terminal_ = *ClientTerminal::Create();
};

TEST_F(ClientTerminalTest, RingsForWhatIsTypedUntilItIsTaken) {
  EXPECT_FALSE(Rings());

  terminal_->Type("l");
  terminal_->Type("s\r");

  EXPECT_TRUE(Rings());
  EXPECT_EQ(terminal_->Take(true).typed, "ls\r");
  EXPECT_FALSE(Rings());
  EXPECT_EQ(terminal_->Take(true).typed, "");
}

TEST_F(ClientTerminalTest, TellsTheLastSizeOnce) {
  terminal_->Resize({.columns = 100, .rows = 30});
  terminal_->Resize({.columns = 120, .rows = 40});

  EXPECT_TRUE(Rings());
  EXPECT_EQ(terminal_->Take(false).size, (TerminalSize{.columns = 120, .rows = 40}));
  EXPECT_FALSE(terminal_->Take(false).size.has_value());
  EXPECT_EQ(terminal_->size(), (TerminalSize{.columns = 120, .rows = 40}));
}

TEST_F(ClientTerminalTest, KeepsWhatWasTypedForATaskThatOnlyAsksForTheSize) {
  terminal_->Type("x");

  EXPECT_EQ(terminal_->Take(false).typed, "");
  EXPECT_EQ(terminal_->Take(true).typed, "x");
}

TEST_F(ClientTerminalTest, WantsMoreOnlyOnceATaskHasTakenMuch) {
  int asked = 0;
  terminal_->WhenWanted([&] { ++asked; });
  EXPECT_EQ(asked, 1) << "at once while there is room";
  terminal_->Type(std::string(64 << 10, 'x'));

  terminal_->WhenWanted([&] { ++asked; });

  EXPECT_EQ(asked, 1);
  terminal_->Take(true);
  EXPECT_EQ(asked, 2);
}

TEST_F(ClientTerminalTest, HasRoomAgainAndRingsOnceTheClientHasTakenOutput) {
  EXPECT_TRUE(terminal_->HasRoom());
  terminal_->Showing(128 << 10);
  EXPECT_FALSE(terminal_->HasRoom());
  EXPECT_FALSE(Rings());

  terminal_->Shown(1);

  EXPECT_TRUE(terminal_->HasRoom());
  EXPECT_TRUE(Rings());
}

TEST_F(ClientTerminalTest, AClientThatIsGoneHoldsNothingUp) {
  terminal_->Showing(1 << 20);

  terminal_->HangUp();

  EXPECT_TRUE(terminal_->hung_up());
  EXPECT_TRUE(terminal_->HasRoom());
  EXPECT_TRUE(Rings());
}

TEST_F(ClientTerminalTest, TellsTheEndOfWhatIsTypedWithTheLastOfIt) {
  terminal_->Type("last");
  terminal_->EndTyping();

  EXPECT_TRUE(Rings());
  EXPECT_FALSE(terminal_->Take(false).typed_all) << "there is more";
  const ClientTerminal::News news = terminal_->Take(true);
  EXPECT_EQ(news.typed, "last");
  EXPECT_TRUE(news.typed_all);
}

}  // namespace
}  // namespace nopo
